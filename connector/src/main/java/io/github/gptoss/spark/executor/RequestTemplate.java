package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Map;

/** A request's sampling parameters: everything but the prompt. */
final class RequestTemplate {
  private final int maxTokens;
  private final int maxReasoningTokens;
  private final double temperature;
  private final double topP;
  private final int topK;
  private final double minP;
  private final double presencePenalty;
  private final double frequencyPenalty;
  private final double repetitionPenalty;
  private final Map<Integer, Float> logitBias;
  private final long seed;
  private final List<String> stop;
  private final int loopDetectionTokens;

  RequestTemplate(OptionValues options) {
    maxTokens = options.intValue(OptionKey.MAX_TOKENS);
    maxReasoningTokens = options.intValue(OptionKey.MAX_REASONING_TOKENS);
    temperature = options.doubleValue(OptionKey.TEMPERATURE);
    topP = options.doubleValue(OptionKey.TOP_P);
    topK = options.intValue(OptionKey.TOP_K);
    minP = options.doubleValue(OptionKey.MIN_P);
    presencePenalty = options.doubleValue(OptionKey.PRESENCE_PENALTY);
    frequencyPenalty = options.doubleValue(OptionKey.FREQUENCY_PENALTY);
    repetitionPenalty = options.doubleValue(OptionKey.REPETITION_PENALTY);
    logitBias = options.logitBias();
    seed = options.longValue(OptionKey.SEED);
    stop = options.listValue(OptionKey.STOP);
    loopDetectionTokens = options.intValue(OptionKey.LOOP_DETECTION_TOKENS);
  }

  int maxTokens() {
    return maxTokens;
  }

  /**
   * Checks what the parameters must be to each other, which holds for every prompt.
   *
   * @throws io.github.gptoss.engine.error.InvalidRequestException {@code invalid_parameter}
   */
  RequestTemplate check() {
    var unused = request(IntBuffer.allocate(1));
    return this;
  }

  /** A request over these ids, which it borrows. */
  GenerationRequest request(IntBuffer prompt) {
    return GenerationRequest.harmony(prompt)
        .maxTokens(maxTokens)
        .maxReasoningTokens(maxReasoningTokens)
        .temperature(temperature)
        .topP(topP)
        .topK(topK)
        .minP(minP)
        .presencePenalty(presencePenalty)
        .frequencyPenalty(frequencyPenalty)
        .repetitionPenalty(repetitionPenalty)
        .logitBias(logitBias)
        .seed(seed)
        .stop(stop)
        .loopDetectionTokens(loopDetectionTokens)
        .build();
  }
}

package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.nio.IntBuffer;
import java.util.List;

/** What all requests of one call have in common: everything but the prompt. */
public final class RequestTemplate {
  private final int maxTokens;
  private final int maxReasoningTokens;
  private final double temperature;
  private final double topP;
  private final int topK;
  private final double minP;
  private final double presencePenalty;
  private final double frequencyPenalty;
  private final double repetitionPenalty;
  private final long seed;
  private final List<String> stop;

  public RequestTemplate(OptionValues options) {
    maxTokens = options.intValue(OptionKey.MAX_TOKENS);
    maxReasoningTokens = options.intValue(OptionKey.MAX_REASONING_TOKENS);
    temperature = options.doubleValue(OptionKey.TEMPERATURE);
    topP = options.doubleValue(OptionKey.TOP_P);
    topK = options.intValue(OptionKey.TOP_K);
    minP = options.doubleValue(OptionKey.MIN_P);
    presencePenalty = options.doubleValue(OptionKey.PRESENCE_PENALTY);
    frequencyPenalty = options.doubleValue(OptionKey.FREQUENCY_PENALTY);
    repetitionPenalty = options.doubleValue(OptionKey.REPETITION_PENALTY);
    seed = options.longValue(OptionKey.SEED);
    stop = options.listValue(OptionKey.STOP);
  }

  public int maxTokens() {
    return maxTokens;
  }

  /** A request over these ids, which it borrows. */
  public GenerationRequest request(IntBuffer prompt) {
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
        .seed(seed)
        .stop(stop)
        .build();
  }
}

package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParameter;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.nio.IntBuffer;
import java.util.List;

/** Everything of a row's requests but the prompt: sampling parameters, adapter, how many. */
public final class RequestTemplate {
  private final int maxTokens;
  private final int maxReasoningTokens;
  private final SamplingParams sampling;
  private final List<String> stop;
  private final int loopDetectionTokens;
  private final String lora;
  private final int samples;

  private RequestTemplate(
      RequestTemplate whole, int maxTokens, int maxReasoningTokens, SamplingParams sampling) {
    this.maxTokens = maxTokens;
    this.maxReasoningTokens = maxReasoningTokens;
    this.sampling = sampling;
    stop = whole.stop;
    loopDetectionTokens = whole.loopDetectionTokens;
    lora = whole.lora;
    samples = whole.samples;
  }

  public RequestTemplate(OptionValues options) {
    maxTokens = options.intValue(OptionKey.MAX_TOKENS);
    maxReasoningTokens = options.intValue(OptionKey.MAX_REASONING_TOKENS);
    sampling = sampling(options);
    stop = options.listValue(OptionKey.STOP);
    loopDetectionTokens = options.intValue(OptionKey.LOOP_DETECTION_TOKENS);
    lora = options.lora();
    samples = options.intValue(OptionKey.N);
  }

  private static SamplingParams sampling(OptionValues options) {
    SamplingParams.Builder params = SamplingParams.builder();
    for (OptionKey key : OptionKey.values()) {
      SamplingParameter.named(key.optionName())
          .ifPresent(parameter -> parameter.set(params, number(parameter, options, key)));
    }
    return params.logitBias(LogitBias.of(options.logitBias())).build();
  }

  private static Number number(SamplingParameter parameter, OptionValues options, OptionKey key) {
    return switch (parameter.type()) {
      case NUMBER -> options.doubleValue(key);
      case INTEGER -> options.intValue(key);
      case LONG -> options.longValue(key);
    };
  }

  /**
   * The same for what follows in a turn under way, of which all generations share the budgets.
   *
   * @param spent by those before
   * @return null where no answer fits into what is left
   */
  public RequestTemplate after(Usage spent) {
    int tokens = maxTokens - spent.outputTokens();
    int reasoning =
        maxReasoningTokens < 0
            ? maxReasoningTokens
            : Math.max(0, maxReasoningTokens - spent.reasoningTokens());
    return tokens < GenerationRequest.leastTokens(reasoning)
        ? null
        : new RequestTemplate(this, tokens, reasoning, sampling);
  }

  /** How many samples the row has. */
  public int samples() {
    return samples;
  }

  /** Of the random draws. */
  public long seed() {
    return sampling.seed();
  }

  /**
   * What one of the row's samples is asked with; the first one as the row would be if it had one.
   *
   * @param index from 0 on
   */
  public RequestTemplate sample(int index) {
    return index == 0
        ? this
        : new RequestTemplate(this, maxTokens, maxReasoningTokens, sampling.ofSample(index));
  }

  /** What the context has to hold behind the prompt, at least. */
  public int leastTokens() {
    return GenerationRequest.leastTokens(maxReasoningTokens);
  }

  public int maxTokens() {
    return maxTokens;
  }

  /**
   * Checks what the parameters must be to each other and to the form of the answer, which holds for
   * every prompt.
   *
   * @throws io.github.gptoss.engine.error.InvalidRequestException {@code invalid_parameter}, or
   *     {@code invalid_request} if a parameter cannot go with a form
   */
  public RequestTemplate check(TurnSpec turn) {
    var unused = request(IntBuffer.allocate(1), turn);
    return this;
  }

  /**
   * A request over these ids, which it borrows.
   *
   * @param turn what forms the answer and the calls of functions have
   */
  public GenerationRequest request(IntBuffer prompt, TurnSpec turn) {
    return GenerationRequest.harmony(prompt)
        .maxTokens(maxTokens)
        .maxReasoningTokens(maxReasoningTokens)
        .sampling(sampling)
        .stop(stop)
        .loopDetectionTokens(loopDetectionTokens)
        .turn(turn)
        .lora(lora)
        .build();
  }
}

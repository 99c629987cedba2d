package io.github.gptoss.engine;

import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.List;

/**
 * One prompt and how to continue it. Immutable; equal requests give equal tokens, whatever else the
 * engine computes at the time.
 *
 * <p>A <em>Harmony</em> request ({@link #harmony}) continues a conversation that was rendered for
 * completion: it ends at {@code <|return|>} or {@code <|call|>} and its result carries the parsed
 * answer. A <em>raw</em> request ({@link #raw}) continues any token ids and ends at the
 * checkpoint's end-of-sequence ids.
 *
 * @param prompt token ids, from position to limit
 * @param maxTokens generated tokens, at most
 * @param maxReasoningTokens tokens that the analysis channel may take before it is closed; -1 is no
 *     limit
 * @param stop strings that end the answer; looked for in the final channel, or in a raw request's
 *     text
 * @param ignoreEos whether generation goes on past end-of-sequence ids, as benchmarks want
 * @param loopDetectionTokens ends a generation whose last tokens repeat one cycle over this many
 *     tokens; 0 is off
 * @param turn what forms the answer and the calls of functions are guaranteed to have
 * @param lora name of the adapter to compute with, one of {@link EngineInfo#adapters}; null for
 *     none
 * @param listener null for none
 */
public record GenerationRequest(
    IntBuffer prompt,
    boolean isHarmony,
    int maxTokens,
    int maxReasoningTokens,
    SamplingParams sampling,
    List<String> stop,
    boolean ignoreEos,
    int loopDetectionTokens,
    TurnSpec turn,
    String lora,
    TokenListener listener) {

  /** Generated tokens where the caller sets no {@code max_tokens}. */
  public static final int DEFAULT_MAX_TOKENS = 4096;

  /** Two Harmony headers of three and six tokens, and a token of the answer. */
  private static final int LEAST_TOKENS_WITH_REASONING_BUDGET = 10;

  private static final int MAX_STOP_STRINGS = 16;

  /** Throws {@code invalid_parameter} if a value is out of its range. */
  public GenerationRequest {
    stop = List.copyOf(stop);
    if (maxTokens < 1) {
      throw invalid("max_tokens", maxTokens, "at least 1");
    }
    if (maxReasoningTokens < -1) {
      throw invalid("max_reasoning_tokens", maxReasoningTokens, "at least 0, or -1 for no limit");
    }
    if (maxTokens < leastTokens(maxReasoningTokens)) {
      throw invalid(
          "max_tokens",
          maxTokens,
          "at least %d where max_reasoning_tokens is set, or no answer fits beside Harmony's headers"
              .formatted(leastTokens(maxReasoningTokens)));
    }
    if (!isHarmony && maxReasoningTokens >= 0) {
      throw new InvalidRequestException(
          "invalid_parameter",
          "max_reasoning_tokens needs a Harmony conversation: raw tokens have no channels; leave it"
              + " out or give messages");
    }
    if (loopDetectionTokens < 0) {
      throw invalid("loop_detection_tokens", loopDetectionTokens, "at least 0, which is off");
    }
    if (stop.size() > MAX_STOP_STRINGS || stop.contains("")) {
      throw new InvalidRequestException(
          "invalid_parameter",
          "stop has %d strings%s: it must be at most %d, none of them empty"
              .formatted(
                  stop.size(), stop.contains("") ? ", one of them empty" : "", MAX_STOP_STRINGS));
    }
    if (turn.isConstrained()) {
      requireNoConflict(!stop.isEmpty(), "stop", "it could cut a value in two");
      requireNoConflict(ignoreEos, "ignore_eos", "nothing follows a complete value");
      requireNoConflict(!isHarmony, "tokens", "raw tokens have no channels");
    }
  }

  private static void requireNoConflict(boolean conflicts, String parameter, String why) {
    if (conflicts) {
      throw new InvalidRequestException(
          "invalid_request",
          parameter + " cannot be given where the answer's form is: " + why + "; leave it out");
    }
  }

  /** New tokens that there has to be room for: one, or an answer after reasoning that is closed. */
  int leastTokens() {
    return leastTokens(maxReasoningTokens);
  }

  /**
   * What {@code maxTokens} is at least.
   *
   * @param maxReasoningTokens -1 for no limit
   */
  public static int leastTokens(int maxReasoningTokens) {
    return maxReasoningTokens < 0 ? 1 : LEAST_TOKENS_WITH_REASONING_BUDGET;
  }

  private static InvalidRequestException invalid(String name, Object value, String allowed) {
    return new InvalidRequestException(
        "invalid_parameter", name + " is " + value + ": it must be " + allowed);
  }

  /**
   * A request over a rendered conversation, token ids from position to limit. They may be a view of
   * off-heap memory, which must stay valid until {@link GptOssEngine#submit} returns.
   */
  public static Builder harmony(IntBuffer prompt) {
    return new Builder(prompt.slice(), true);
  }

  /** A request over any token ids: no Harmony on either side. Same terms as {@link #harmony}. */
  public static Builder raw(IntBuffer prompt) {
    return new Builder(prompt.slice(), false);
  }

  /** Token ids of the prompt, a fresh read-only view. */
  @Override
  public IntBuffer prompt() {
    return prompt.asReadOnlyBuffer();
  }

  /** Collects a request's settings; every one has a default. */
  public static final class Builder {
    private final IntBuffer prompt;
    private final boolean harmony;
    private int maxTokens = DEFAULT_MAX_TOKENS;
    private int maxReasoningTokens = -1;
    private SamplingParams sampling = SamplingParams.GREEDY;
    private List<String> stop = List.of();
    private boolean ignoreEos;
    private int loopDetectionTokens;
    private TurnSpec turn = TurnSpec.FREE;
    private String lora;
    private TokenListener listener;

    private Builder(IntBuffer prompt, boolean harmony) {
      this.prompt = prompt;
      this.harmony = harmony;
    }

    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    public Builder maxReasoningTokens(int value) {
      maxReasoningTokens = value;
      return this;
    }

    /** How tokens are chosen; {@link SamplingParams#GREEDY} if not set. */
    public Builder sampling(SamplingParams value) {
      sampling = value;
      return this;
    }

    public Builder stop(List<String> value) {
      stop = value;
      return this;
    }

    public Builder ignoreEos(boolean value) {
      ignoreEos = value;
      return this;
    }

    public Builder loopDetectionTokens(int value) {
      loopDetectionTokens = value;
      return this;
    }

    /** What forms the answer and the calls of functions have; any if not set. */
    public Builder turn(TurnSpec value) {
      turn = value;
      return this;
    }

    /** The adapter to compute with; null for none. */
    public Builder lora(String value) {
      lora = value;
      return this;
    }

    public Builder listener(TokenListener value) {
      listener = value;
      return this;
    }

    /** Checks the settings: {@code invalid_parameter} if a value is out of its range. */
    public GenerationRequest build() {
      return new GenerationRequest(
          prompt,
          harmony,
          maxTokens,
          maxReasoningTokens,
          sampling,
          stop,
          ignoreEos,
          loopDetectionTokens,
          turn,
          lora,
          listener);
    }
  }
}

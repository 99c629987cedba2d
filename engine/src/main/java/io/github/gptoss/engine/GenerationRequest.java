package io.github.gptoss.engine;

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
 */
public final class GenerationRequest {
  /** Generated tokens where the caller sets no {@code max_tokens}. */
  public static final int DEFAULT_MAX_TOKENS = 4096;

  /** Two Harmony headers of three and six tokens, and a token of the answer. */
  private static final int LEAST_TOKENS_WITH_REASONING_BUDGET = 10;

  private static final int MAX_STOP_STRINGS = 16;

  private final IntBuffer prompt;
  private final boolean harmony;
  private final int maxTokens;
  private final int maxReasoningTokens;
  private final List<String> stop;
  private final boolean ignoreEos;
  private final int loopDetectionTokens;
  private final TokenListener listener;
  private final SamplingParams sampling;

  private GenerationRequest(Builder b) {
    prompt = b.prompt;
    harmony = b.harmony;
    maxTokens = b.maxTokens;
    maxReasoningTokens = b.maxReasoningTokens;
    stop = List.copyOf(b.stop);
    ignoreEos = b.ignoreEos;
    loopDetectionTokens = b.loopDetectionTokens;
    listener = b.listener;
    sampling = b.sampling;
    check();
  }

  private void check() {
    if (maxTokens < 1) {
      throw invalid("max_tokens", maxTokens, "at least 1");
    }
    if (maxReasoningTokens < -1) {
      throw invalid("max_reasoning_tokens", maxReasoningTokens, "at least 0, or -1 for no limit");
    }
    if (maxTokens < leastTokens()) {
      throw invalid(
          "max_tokens",
          maxTokens,
          "at least "
              + leastTokens()
              + " where max_reasoning_tokens is set, or no answer fits beside Harmony's headers");
    }
    if (!harmony && maxReasoningTokens >= 0) {
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
          "stop has "
              + stop.size()
              + " strings"
              + (stop.contains("") ? ", one of them empty" : "")
              + ": it must be at most "
              + MAX_STOP_STRINGS
              + ", none of them empty");
    }
  }

  /** New tokens that there has to be room for: one, or an answer after reasoning that is closed. */
  int leastTokens() {
    return maxReasoningTokens < 0 ? 1 : LEAST_TOKENS_WITH_REASONING_BUDGET;
  }

  private static InvalidRequestException invalid(String name, Object value, String allowed) {
    return new InvalidRequestException(
        "invalid_parameter", name + " is " + value + ": it must be " + allowed);
  }

  /**
   * A request over a rendered conversation.
   *
   * @param prompt token ids from position to limit; may be a view of off-heap memory, which must
   *     stay valid until {@link GptOssEngine#submit} returns
   */
  public static Builder harmony(IntBuffer prompt) {
    return new Builder(prompt.slice(), true);
  }

  /** A request over any token ids: no Harmony on either side. Same terms as {@link #harmony}. */
  public static Builder raw(IntBuffer prompt) {
    return new Builder(prompt.slice(), false);
  }

  /** Token ids of the prompt, a fresh read-only view. */
  public IntBuffer prompt() {
    return prompt.asReadOnlyBuffer();
  }

  public boolean isHarmony() {
    return harmony;
  }

  public int maxTokens() {
    return maxTokens;
  }

  /** Tokens that the analysis channel may take before it is closed; -1 is no limit. */
  public int maxReasoningTokens() {
    return maxReasoningTokens;
  }

  /** How tokens are chosen. */
  public SamplingParams sampling() {
    return sampling;
  }

  public List<String> stop() {
    return stop;
  }

  /** Whether generation goes on past end-of-sequence ids, as benchmarks want. */
  public boolean ignoreEos() {
    return ignoreEos;
  }

  /** Ends a generation whose last tokens repeat one cycle over this many tokens; 0 is off. */
  public int loopDetectionTokens() {
    return loopDetectionTokens;
  }

  /** Null if nobody listens. */
  public TokenListener listener() {
    return listener;
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

    /** Strings that end the answer; looked for in the final channel, or in a raw request's text. */
    public Builder stop(List<String> value) {
      stop = value;
      return this;
    }

    public Builder ignoreEos(boolean value) {
      ignoreEos = value;
      return this;
    }

    /** Tokens at the end that end the request if they repeat a cycle; 0, the default, is off. */
    public Builder loopDetectionTokens(int value) {
      loopDetectionTokens = value;
      return this;
    }

    public Builder listener(TokenListener value) {
      listener = value;
      return this;
    }

    /**
     * Checks the settings.
     *
     * @throws InvalidRequestException {@code invalid_parameter} if a value is out of its range
     */
    public GenerationRequest build() {
      return new GenerationRequest(this);
    }
  }
}

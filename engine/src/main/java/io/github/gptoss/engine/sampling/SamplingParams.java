package io.github.gptoss.engine.sampling;

import java.util.Objects;

/**
 * How a token is chosen from a row of logits. Applied in this order: repetition, presence and
 * frequency penalties, logit bias, temperature, min_p, top_k, top_p.
 *
 * @param temperature 0 to 1000; 0 (and anything below {@value #GREEDY_BELOW}) takes the largest
 *     logit
 * @param topP in [0, 1]; the smallest set of likeliest tokens whose probabilities reach it is kept;
 *     0 keeps the likeliest alone
 * @param topK the number of likeliest tokens that is kept, with all that tie with the last; 0 or -1
 *     keeps all
 * @param minP in [0, 1]; tokens less probable than this times the likeliest are dropped
 * @param repetitionPenalty above 0; divides positive and multiplies negative logits of tokens that
 *     prompt or output contain
 * @param presencePenalty -2 to 2; subtracted once from the logits of the output's tokens
 * @param frequencyPenalty -2 to 2; subtracted from a token's logit once per occurrence in the
 *     output
 * @param seed the row's seed; rows that should differ need different seeds
 * @param logprobs 0 to {@value #MAX_LOGPROBS}: how many alternatives are reported beside the chosen
 *     token; -1 reports nothing
 */
public record SamplingParams(
    double temperature,
    double topP,
    int topK,
    double minP,
    double repetitionPenalty,
    double presencePenalty,
    double frequencyPenalty,
    LogitBias logitBias,
    long seed,
    int logprobs) {
  /** The most samples that one request may ask for, as OpenAI's {@code n}. */
  public static final int MOST_SAMPLES = 128;

  /** Smaller temperatures are greedy: the inverse of the smallest would overflow. */
  public static final double GREEDY_BELOW = 1e-5;

  public static final int MAX_LOGPROBS = 20;

  /** 2^64 over the golden ratio. Seeds that count up never meet those of a neighbour's samples. */
  private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

  /** What a request that sets nothing gets: the likeliest token, seed 0, nothing else applied. */
  public static final SamplingParams GREEDY = builder().build();

  /** Throws {@code invalid_parameter} if a value is outside its range. */
  public SamplingParams {
    Objects.requireNonNull(logitBias, "logitBias");
    SamplingParameter.TEMPERATURE.check(temperature);
    SamplingParameter.TOP_P.check(topP);
    SamplingParameter.TOP_K.check(topK);
    SamplingParameter.MIN_P.check(minP);
    SamplingParameter.REPETITION_PENALTY.check(repetitionPenalty);
    SamplingParameter.PRESENCE_PENALTY.check(presencePenalty);
    SamplingParameter.FREQUENCY_PENALTY.check(frequencyPenalty);
    SamplingParameter.LOGPROBS.check(logprobs);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Throws {@code invalid_parameter} if the logit bias names a token that the model lacks. */
  public void checkVocabulary(int vocabSize) {
    if (!logitBias.isEmpty() && logitBias.values().lastKey() >= vocabSize) {
      throw SamplingErrors.biasOutsideVocabulary(logitBias.values().lastKey(), vocabSize);
    }
  }

  public boolean greedy() {
    return temperature < GREEDY_BELOW;
  }

  /** Whether the choice depends on earlier tokens; where not, their history need not be kept. */
  public boolean usesHistory() {
    return repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0;
  }

  /** Whether logits are changed before the choice: by penalties or bias. */
  public boolean adjustsLogits() {
    return usesHistory() || !logitBias.isEmpty();
  }

  /**
   * The parameters of one of several samples of a prompt. The first one's are these; each other has
   * a seed of its own, {@code seed + index * 0x9E3779B97F4A7C15} modulo 2^64.
   *
   * @param index from 0 on
   */
  public SamplingParams ofSample(int index) {
    return index == 0 ? this : toBuilder().seed(seed + index * SEED_STEP).build();
  }

  public Builder toBuilder() {
    return new Builder()
        .temperature(temperature)
        .topP(topP)
        .topK(topK)
        .minP(minP)
        .repetitionPenalty(repetitionPenalty)
        .presencePenalty(presencePenalty)
        .frequencyPenalty(frequencyPenalty)
        .logitBias(logitBias)
        .seed(seed)
        .logprobs(logprobs);
  }

  /** Starts from {@link #GREEDY}; values are checked by {@link #build()}. */
  public static final class Builder {
    private double temperature;
    private double topP = 1;
    private int topK = -1;
    private double minP;
    private double repetitionPenalty = 1;
    private double presencePenalty;
    private double frequencyPenalty;
    private LogitBias logitBias = LogitBias.NONE;
    private long seed;
    private int logprobs = -1;

    private Builder() {}

    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    public Builder topP(double value) {
      topP = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder minP(double value) {
      minP = value;
      return this;
    }

    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    public Builder presencePenalty(double value) {
      presencePenalty = value;
      return this;
    }

    public Builder frequencyPenalty(double value) {
      frequencyPenalty = value;
      return this;
    }

    public Builder logitBias(LogitBias value) {
      logitBias = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder logprobs(int value) {
      logprobs = value;
      return this;
    }

    public SamplingParams build() {
      return new SamplingParams(
          temperature,
          topP,
          topK,
          minP,
          repetitionPenalty,
          presencePenalty,
          frequencyPenalty,
          logitBias,
          seed,
          logprobs);
    }
  }
}

package io.github.gptoss.engine.sampling;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.DoublePredicate;
import java.util.function.Function;

/**
 * The numbers of {@link SamplingParams}: their names, their ranges, and how to read and set each,
 * so that code that hands all of them on need not name them. The logit bias is no number and not
 * here.
 */
@SuppressWarnings("ImmutableEnumChecker") // the functions hold nothing that changes
public enum SamplingParameter {
  TEMPERATURE(
      Type.NUMBER,
      within(0, 1000),
      "0 to 1000",
      SamplingParams::temperature,
      (builder, value) -> builder.temperature(value.doubleValue())),
  SEED(
      Type.LONG,
      value -> true,
      "a 64-bit integer",
      SamplingParams::seed,
      (builder, value) -> builder.seed(value.longValue())),
  TOP_P(
      Type.NUMBER,
      within(0, 1),
      "0 to 1",
      SamplingParams::topP,
      (builder, value) -> builder.topP(value.doubleValue())),
  TOP_K(
      Type.INTEGER,
      within(-1, Integer.MAX_VALUE),
      "-1 or 0 (off), or 1 and more",
      SamplingParams::topK,
      (builder, value) -> builder.topK(value.intValue())),
  MIN_P(
      Type.NUMBER,
      within(0, 1),
      "0 to 1",
      SamplingParams::minP,
      (builder, value) -> builder.minP(value.doubleValue())),
  REPETITION_PENALTY(
      Type.NUMBER,
      // Compared as float, since a double that rounds to zero or infinity would do the same harm.
      value -> (float) value > 0 && (float) value < Float.POSITIVE_INFINITY,
      "above 0 and finite",
      SamplingParams::repetitionPenalty,
      (builder, value) -> builder.repetitionPenalty(value.doubleValue())),
  PRESENCE_PENALTY(
      Type.NUMBER,
      within(-2, 2),
      "-2 to 2",
      SamplingParams::presencePenalty,
      (builder, value) -> builder.presencePenalty(value.doubleValue())),
  FREQUENCY_PENALTY(
      Type.NUMBER,
      within(-2, 2),
      "-2 to 2",
      SamplingParams::frequencyPenalty,
      (builder, value) -> builder.frequencyPenalty(value.doubleValue())),
  LOGPROBS(
      Type.INTEGER,
      within(-1, SamplingParams.MAX_LOGPROBS),
      "-1 (off), or 0 to " + SamplingParams.MAX_LOGPROBS,
      SamplingParams::logprobs,
      (builder, value) -> builder.logprobs(value.intValue()));

  /** What kind of number a parameter is. */
  public enum Type {
    /** A double. */
    NUMBER,
    /** An integer of 32 bits. */
    INTEGER,
    /** An integer of 64 bits. */
    LONG
  }

  private final String key = name().toLowerCase(Locale.ROOT);
  private final Type type;
  private final DoublePredicate range;
  private final String rangeText;
  private final Function<SamplingParams, Number> value;
  private final BiConsumer<SamplingParams.Builder, Number> setter;

  SamplingParameter(
      Type type,
      DoublePredicate range,
      String rangeText,
      Function<SamplingParams, Number> value,
      BiConsumer<SamplingParams.Builder, Number> setter) {
    this.type = type;
    this.range = range;
    this.rangeText = rangeText;
    this.value = value;
    this.setter = setter;
  }

  private static DoublePredicate within(double least, double most) {
    return value -> value >= least && value <= most;
  }

  /** The parameter of a name; empty if there is none. */
  public static Optional<SamplingParameter> named(String key) {
    return Arrays.stream(values()).filter(parameter -> parameter.key.equals(key)).findFirst();
  }

  /** The name in requests and messages, for instance {@code top_p}. */
  public String key() {
    return key;
  }

  public Type type() {
    return type;
  }

  public Number of(SamplingParams params) {
    return value.apply(params);
  }

  /** Sets the parameter; the range is checked when the parameters are built. */
  public void set(SamplingParams.Builder builder, Number number) {
    setter.accept(builder, number);
  }

  void check(Number number) {
    if (!range.test(number.doubleValue())) {
      throw SamplingErrors.outOfRange(key, number, rangeText);
    }
  }
}

package io.github.gptoss.engine.sampling;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is added to the logits of some tokens, by token id. */
public record LogitBias(SortedMap<Integer, Float> values) {
  public static final LogitBias NONE = new LogitBias(new TreeMap<>());

  public LogitBias {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** The biases of a map; {@code invalid_parameter} if a value is not finite or an id negative. */
  public static LogitBias of(Map<Integer, ? extends Number> biases) {
    TreeMap<Integer, Float> values = new TreeMap<>();
    new TreeMap<>(biases)
        .forEach(
            (id, bias) -> {
              if (id < 0) {
                throw SamplingErrors.outOfRange(
                    "logit_bias", "given for token id " + id, "for ids from 0");
              }
              if (!Float.isFinite(bias.floatValue())) {
                throw SamplingErrors.outOfRange("logit_bias", bias, "a finite number");
              }
              values.put(id, bias.floatValue());
            });
    return new LogitBias(values);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public int size() {
    return values.size();
  }

  @Override
  public String toString() {
    return "LogitBias[" + values.size() + " tokens]";
  }
}

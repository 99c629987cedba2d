package io.github.gptoss.engine.sampling;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is added to the logits of some tokens; ids ascend. */
public final class LogitBias {
  public static final LogitBias NONE = new LogitBias(new int[0], new float[0]);

  private final int[] ids;
  private final float[] values;

  private LogitBias(int[] ids, float[] values) {
    this.ids = ids;
    this.values = values;
  }

  /** The biases of a map; {@code invalid_parameter} if a value is not finite or an id negative. */
  public static LogitBias of(Map<Integer, ? extends Number> biases) {
    int[] ids = new int[biases.size()];
    float[] values = new float[biases.size()];
    int n = 0;
    for (Map.Entry<Integer, ? extends Number> bias : new TreeMap<>(biases).entrySet()) {
      ids[n] = bias.getKey();
      values[n] = bias.getValue().floatValue();
      if (ids[n] < 0) {
        throw SamplingErrors.outOfRange(
            "logit_bias", "given for token id " + ids[n], "for ids from 0");
      }
      if (!Float.isFinite(values[n])) {
        throw SamplingErrors.outOfRange("logit_bias", bias.getValue(), "a finite number");
      }
      n++;
    }
    return new LogitBias(ids, values);
  }

  /** The biases by token id. */
  public SortedMap<Integer, Float> toMap() {
    SortedMap<Integer, Float> biases = new TreeMap<>();
    for (int i = 0; i < ids.length; i++) {
      biases.put(ids[i], values[i]);
    }
    return biases;
  }

  public boolean isEmpty() {
    return ids.length == 0;
  }

  public int size() {
    return ids.length;
  }

  public int id(int i) {
    return ids[i];
  }

  public float value(int i) {
    return values[i];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogitBias that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "LogitBias[" + ids.length + " tokens]";
  }
}

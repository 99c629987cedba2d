package io.github.gptoss.engine.sampling;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The distribution by the definitions: in double, StrictMath, full sorts. */
final class NaiveSampler {
  private NaiveSampler() {}

  static double[] distribution(
      float[] logits, List<Integer> prompt, List<Integer> output, SamplingParams params) {
    double[] x = new double[logits.length];
    for (int i = 0; i < x.length; i++) {
      // Adding 0 makes -0 equal to 0 for the comparator below.
      x[i] = logits[i] + 0.0;
    }
    Set<Integer> seen = new LinkedHashSet<>(prompt);
    seen.addAll(output);
    for (int token : seen) {
      double penalty = params.repetitionPenalty();
      x[token] = x[token] < 0 ? x[token] * penalty : x[token] / penalty;
    }
    for (int token : Set.copyOf(output)) {
      x[token] -= params.presencePenalty();
    }
    for (int token : output) {
      x[token] -= params.frequencyPenalty();
    }
    // Penalised logits are float32 again, and so are biased ones.
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) x[i];
    }
    for (Map.Entry<Integer, Float> bias : params.logitBias().values().entrySet()) {
      x[bias.getKey()] += bias.getValue();
    }
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) x[i] / params.temperature();
    }
    double[] p = softmax(x);
    double atLeast = params.minP() * Arrays.stream(p).max().getAsDouble();
    for (int i = 0; i < x.length; i++) {
      if (p[i] < atLeast) {
        x[i] = Double.NEGATIVE_INFINITY;
      }
    }
    if (params.topK() > 0 && params.topK() < x.length) {
      double last = Arrays.stream(x).sorted().toArray()[x.length - params.topK()];
      for (int i = 0; i < x.length; i++) {
        if (x[i] < last) {
          x[i] = Double.NEGATIVE_INFINITY;
        }
      }
    }
    double[] q = softmax(x);
    if (params.topP() < 1) {
      List<Integer> ascending =
          IntStream.range(0, x.length)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(i -> x[i])
                      .thenComparing(Comparator.reverseOrder()))
              .toList();
      double dropped = 0;
      for (int i : ascending.subList(0, x.length - 1)) {
        dropped += q[i];
        if (dropped > 1 - params.topP()) {
          break;
        }
        x[i] = Double.NEGATIVE_INFINITY;
      }
    }
    return softmax(x);
  }

  private static double[] softmax(double[] x) {
    double max = Arrays.stream(x).max().getAsDouble();
    double[] weights = Arrays.stream(x).map(v -> StrictMath.exp(v - max)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }
}

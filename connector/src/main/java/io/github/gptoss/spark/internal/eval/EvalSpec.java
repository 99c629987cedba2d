package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.List;

/**
 * What is evaluated, and how.
 *
 * @param grader a name, or JSON
 * @param samples of each problem at each effort
 * @param efforts lowest first
 * @param seed of permutations and samples
 * @param columns names that were given; null for the benchmark's
 * @param baseline the results of another run; null for none
 * @param targetAccuracy of the cascade; null where no threshold is looked for
 * @param delta with which the promise may be broken
 */
record EvalSpec(
    Benchmark benchmark,
    String grader,
    int samples,
    List<String> efforts,
    long seed,
    GivenColumns columns,
    Baseline baseline,
    Double targetAccuracy,
    double delta) {
  /** Columns that were named, each null where it was not. */
  record GivenColumns(String question, String key, String group, String id) {}

  /**
   * The results of another evaluation.
   *
   * @param path null where {@code table} is given
   * @param table name in a catalog; null where {@code path} is given
   */
  record Baseline(String path, String table) {
    /** As people know it. */
    String name() {
      return table == null ? path : table;
    }
  }

  EvalSpec {
    efforts = OptionValues.EFFORTS.stream().filter(List.copyOf(efforts)::contains).toList();
    if (samples < 1) {
      throw EvalErrors.outOfRange(EvalArgument.SAMPLES, "at least 1");
    }
    if (targetAccuracy != null && !(targetAccuracy > 0 && targetAccuracy < 1)) {
      throw EvalErrors.outOfRange(EvalArgument.TARGET_ACCURACY, "above 0 and below 1");
    }
    if (!(delta > 0 && delta < 1)) {
      throw EvalErrors.outOfRange(EvalArgument.DELTA, "above 0 and below 1");
    }
    int highest = OptionValues.EFFORTS.size() - 1;
    boolean isCascade =
        OptionValues.EFFORTS.subList(highest + 1 - efforts.size(), highest + 1).equals(efforts);
    if (targetAccuracy != null && !(isCascade && efforts.size() > 1)) {
      throw EvalErrors.noCascade();
    }
  }
}

package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.Well19937c;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.IntervalUtils;

/** What a figure lies between, with a probability of 95 % where nothing else is said. */
record Interval(@JsonProperty("low") double low, @JsonProperty("high") double high) {
  static final double LEVEL = 0.95;
  static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN);

  private static final int RESAMPLES = 2000;

  /** Makes a page the same whenever it is made of the same rows. */
  private static final long SEED = 20_250_805;

  /**
   * Wilson's score interval of a share. It takes trials for independent, which samples of one
   * problem are not.
   */
  static Interval wilson(long successes, long trials) {
    if (trials == 0) {
      return UNKNOWN;
    }
    ConfidenceInterval interval =
        IntervalUtils.getWilsonScoreInterval(
            Math.toIntExact(trials), Math.toIntExact(successes), LEVEL);
    return new Interval(
        Math.max(0, interval.getLowerBound()), Math.min(1, interval.getUpperBound()));
  }

  /**
   * The percentile bootstrap of a mean: problems are drawn again, with what belongs to each, so
   * that samples of one problem may depend on each other.
   *
   * @param values one for each problem
   */
  static Interval bootstrap(double[] values) {
    if (values.length == 0) {
      return UNKNOWN;
    }
    RandomGenerator random = new Well19937c(SEED);
    double[] means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double sum = 0;
      for (int j = 0; j < values.length; j++) {
        sum += values[random.nextInt(values.length)];
      }
      means[i] = sum / values.length;
    }
    Arrays.sort(means);
    Percentile percentile = new Percentile();
    percentile.setData(means);
    return new Interval(
        percentile.evaluate(100 * (1 - LEVEL) / 2), percentile.evaluate(100 * (1 + LEVEL) / 2));
  }

  /**
   * The exact lower bound of a share (Clopper and Pearson 1934): whatever the share is, the bound
   * is above it with a probability of at most delta, for any number of trials.
   *
   * @param trials independent of each other
   * @param delta above 0 and below 1
   */
  static double exactLowerBound(int successes, int trials, double delta) {
    // Without a generator: nothing is drawn, and making one costs more than the bound.
    return successes == 0
        ? 0
        : new BetaDistribution(null, successes, trials - successes + 1.0)
            .inverseCumulativeProbability(delta);
  }
}

package io.github.gptoss.spark.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
  /** By the formula of Wilson 1927, with z = 1.959963984540054. */
  @ParameterizedTest
  @CsvSource({
    "8, 10, 0.4901625, 0.9433178",
    "0, 10, 0, 0.2775328",
    "10, 10, 0.7224672, 1",
    "1, 2, 0.0945312, 0.9054688",
    "158400, 198000, 0.7982323, 0.8017560"
  })
  void wilsonIsThatOfItsFormula(int right, int all, double low, double high) {
    Interval interval = Interval.wilson(right, all);
    assertThat(interval.low()).isCloseTo(low, within(1e-6));
    assertThat(interval.high()).isCloseTo(high, within(1e-6));
  }

  /** The bound is the share with which so many successes or more have probability delta. */
  @ParameterizedTest
  @CsvSource({"1, 10, 0.05", "7, 10, 0.05", "10, 10, 0.05", "180, 200, 0.1", "3, 400, 0.01"})
  void theExactBoundIsWhereTheTailIsDelta(int right, int all, double delta) {
    double bound = Interval.exactLowerBound(right, all, delta);
    double tail = 0;
    for (int k = right; k <= all; k++) {
      tail += Math.exp(logChoose(all, k) + k * Math.log(bound) + (all - k) * Math.log1p(-bound));
    }
    assertThat(tail).isCloseTo(delta, within(1e-7));
    assertThat(Interval.exactLowerBound(0, all, delta)).isZero();
  }

  private static double logChoose(int n, int k) {
    double log = 0;
    for (int i = 1; i <= k; i++) {
      log += Math.log(n - k + i) - Math.log(i);
    }
    return log;
  }

  @Test
  void bootstrapCoversTheMeanAboutAsOftenAsItSays() {
    Random random = new Random(11);
    int covered = 0;
    int trials = 300;
    for (int trial = 0; trial < trials; trial++) {
      // The pass rates of problems with 4 samples, some of them hard: their mean is 0.65.
      double[] values = new double[150];
      for (int i = 0; i < values.length; i++) {
        double ease = random.nextBoolean() ? 0.9 : 0.4;
        int right = 0;
        for (int sample = 0; sample < 4; sample++) {
          right += random.nextDouble() < ease ? 1 : 0;
        }
        values[i] = right / 4.0;
      }
      Interval interval = Interval.bootstrap(values);
      covered += interval.low() <= 0.65 && 0.65 <= interval.high() ? 1 : 0;
    }
    assertThat(covered / (double) trials).isBetween(0.91, 0.985);
  }

  @Test
  void bootstrapIsTheSameForTheSameRows() {
    double[] values = {0, 1, 1, 0.5};
    assertThat(Interval.bootstrap(values)).isEqualTo(Interval.bootstrap(values));
    assertThat(Interval.bootstrap(new double[] {1, 1})).isEqualTo(new Interval(1, 1));
    assertThat(Interval.bootstrap(new double[0]).low()).isNaN();
    assertThat(Interval.wilson(0, 0).low()).isNaN();
  }
}

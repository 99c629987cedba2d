package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RateSketchTest {
  private static final long START = 1_700_000_000_123L;

  private static double amount(List<RateSketch.Rate> rates) {
    return rates.stream()
        .mapToDouble(rate -> rate.perSecond() * (rate.toSeconds() - rate.fromSeconds()))
        .sum();
  }

  @Test
  void ratesAddUpToTheAmountsHoweverLongItTakes() {
    for (long seconds : new long[] {0, 1, 10, 1_000, 100_000}) {
      RateSketch sketch = new RateSketch();
      for (int i = 0; i <= 1000; i++) {
        sketch.add(START + i * seconds, 5);
      }
      List<RateSketch.Rate> rates = sketch.rates(START, START + seconds * 1000 + 1);
      assertThat(amount(rates)).isCloseTo(5005, within(1e-3));
      assertThat(rates).hasSizeLessThanOrEqualTo(RateSketch.MAX_SPANS + 1);
      assertThat(rates.get(0).fromSeconds()).isZero();
      assertThat(rates.get(rates.size() - 1).toSeconds()).isEqualTo(seconds + 1e-3);
    }
  }

  @Test
  void aConstantRateIsShownAsOne() {
    RateSketch sketch = new RateSketch();
    for (int i = 0; i < 100_000; i++) {
      sketch.add(START + i, 3);
    }
    assertThat(sketch.rates(START, START + 100_000))
        .allSatisfy(rate -> assertThat(rate.perSecond()).isCloseTo(3000, within(1e-6)));
  }

  @Test
  void mergingIsAddingAllWhateverTheSpans() {
    Random random = new Random(7);
    RateSketch left = new RateSketch();
    RateSketch right = new RateSketch();
    RateSketch all = new RateSketch();
    for (int i = 0; i < 1000; i++) {
      long time = START + (long) (random.nextDouble() * (i % 2 == 0 ? 20_000 : 9_000_000));
      (i % 2 == 0 ? left : right).add(time, i);
      all.add(time, i);
    }
    RateSketch merged = left.copy();
    merged.merge(right);
    assertThat(merged).usingRecursiveComparison().isEqualTo(all);
    right.merge(left);
    assertThat(right).usingRecursiveComparison().isEqualTo(all);
  }

  @Test
  void otherClocksCountForTheEnds() {
    RateSketch sketch = new RateSketch();
    sketch.add(START - 60_000, 1);
    sketch.add(START + 70_000, 2);
    assertThat(amount(sketch.rates(START, START + 10_000))).isCloseTo(3, within(1e-9));
  }
}

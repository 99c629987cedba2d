package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LengthSketchTest {
  private static LengthSketch of(long... lengths) {
    LengthSketch sketch = new LengthSketch();
    Arrays.stream(lengths).forEach(sketch::add);
    return sketch;
  }

  @Test
  void isExactForSmallLengths() {
    LengthSketch sketch = new LengthSketch();
    for (int length = 0; length < 128; length++) {
      sketch.add(length);
    }
    assertThat(sketch.quantile(0.5)).isEqualTo(63);
    assertThat(sketch.quantile(1)).isEqualTo(127);
    assertThat(sketch.quantile(0)).isZero();
    assertThat(sketch.mean()).isEqualTo(63.5);
    assertThat(sketch.grouped(length -> length)).hasSize(128).containsEntry(77L, 1L);
  }

  @Test
  void anEmptyOneHasZeros() {
    LengthSketch empty = new LengthSketch();
    assertThat(List.of(empty.min(), empty.max(), empty.quantile(0.5))).containsOnly(0L);
    assertThat(empty.mean()).isZero();
  }

  @Property(tries = 200)
  void quantilesAreThoseOfTheLengthsToOne256th(
      @ForAll @Size(min = 1, max = 50) List<@LongRange(max = 1L << 40) Long> lengths,
      @ForAll @LongRange(max = 100) long percent) {
    LengthSketch sketch = of(lengths.stream().mapToLong(length -> length).toArray());
    long[] sorted = lengths.stream().mapToLong(length -> length).sorted().toArray();
    int rank = Math.max(1, (int) Math.ceil(percent / 100.0 * sorted.length));
    long exact = sorted[rank - 1];
    assertThat(sketch.quantile(percent / 100.0)).isBetween(exact, exact + exact / 256);
    assertThat(sketch.max()).isEqualTo(sorted[sorted.length - 1]);
    assertThat(sketch.min()).isEqualTo(sorted[0]);
    assertThat(sketch.mean())
        .isCloseTo(Arrays.stream(sorted).average().orElseThrow(), within(1e-3));
  }

  @Property(tries = 50)
  void mergingIsAddingAll(
      @ForAll @Size(max = 20) List<@LongRange(max = 1L << 31) Long> some,
      @ForAll @Size(max = 20) List<@LongRange(max = 1L << 31) Long> others) {
    LengthSketch merged = of(some.stream().mapToLong(length -> length).toArray());
    merged.merge(of(others.stream().mapToLong(length -> length).toArray()));
    LengthSketch together = of(some.stream().mapToLong(length -> length).toArray());
    others.forEach(together::add);
    assertThat(merged).usingRecursiveComparison().isEqualTo(together);
  }

  @Test
  void memoryIsBoundedWhateverTheLengths() {
    LengthSketch sketch = new LengthSketch();
    for (long length = 1; length < 1L << 31; length += 1 + length / 2000) {
      sketch.add(length);
    }
    assertThat(sketch.grouped(length -> length)).hasSizeLessThan(256 * 32);
  }
}

package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels that make random weights, against Java's own splitmix64. */
class RandomWeightsKernelTest {
  private static final long SEED = 0x5DEECE66DL;
  private static final int THREADS = 256;

  /** Standard deviation of the sum of four uniform integers in [0, 65536). */
  private static final double FOUR_UNIFORM = Math.sqrt(4 * (65536.0 * 65536 - 1) / 12);

  @BeforeAll
  static void start() {
    GpuTests.start(EmulatedMachine.checked().order(Order.RANDOM, SEED));
  }

  private static short[] bf16(int count, int blocks, double deviation) {
    Driver driver = new Driver(0);
    Memory out = driver.allocate(2L * count);
    driver.launch(
        "random_bf16",
        Shape.of(blocks, THREADS, 0),
        new Params().put(out).put(count / 8L).put(SEED).put((float) (deviation / FOUR_UNIFORM)));
    return driver.downloadShorts(out, count);
  }

  @ParameterizedTest
  @CsvSource({"8, 1", "2040, 1", "2048, 1", "6152, 2", "6152, 5"})
  void elementsAreSumsOfFourUniformNumbers(int count, int blocks) {
    SplittableRandom random = new SplittableRandom(SEED);
    float factor = (float) (0.02 / FOUR_UNIFORM);
    short[] expected = new short[count];
    for (int i = 0; i < count; i++) {
      long bits = random.nextLong();
      long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
      expected[i] = Bfloat16.of((float) (sum - 2 * 65535) * factor);
    }
    assertThat(bf16(count, blocks, 0.02)).isEqualTo(expected);
  }

  @Test
  void elementsHaveTheDeviation() {
    short[] values = bf16(1 << 16, 7, 0.5);
    double sum = 0;
    double squares = 0;
    for (short value : values) {
      sum += Bfloat16.toDouble(value);
      squares += Math.pow(Bfloat16.toDouble(value), 2);
    }
    assertThat(sum / values.length).isCloseTo(0, within(0.01));
    assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.5, within(0.005));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "8, 1", "9, 1", "40, 3"})
  void codesAreAnyAndExponentsNear(int tiles, int blocks) {
    Driver driver = new Driver(0);
    Memory codes = driver.allocate(512L * tiles);
    Memory exponents = driver.allocate(32L * tiles);
    driver.launch(
        "random_mxfp4",
        Shape.of(blocks, THREADS, 0),
        new Params().put(codes).put(exponents).put((long) tiles).put(SEED).put(246));
    int[] words = driver.downloadInts(codes, 128 * tiles);
    SplittableRandom random = new SplittableRandom(SEED);
    int[] expected = new int[words.length];
    for (int i = 0; i < expected.length; i += 2) {
      long bits = random.nextLong();
      expected[i] = (int) bits;
      expected[i + 1] = (int) (bits >>> 32);
    }
    assertThat(words).isEqualTo(expected);
    int[] counts = new int[256];
    for (int word : driver.downloadInts(exponents, 8 * tiles)) {
      for (int b = 0; b < 4; b++) {
        counts[word >>> (8 * b) & 0xff]++;
      }
    }
    assertThat(counts[244] + counts[245] + counts[246] + counts[247]).isEqualTo(32 * tiles);
    if (tiles == 40) {
      assertThat(Arrays.stream(counts, 244, 248)).allMatch(count -> count > 250 && count < 390);
    }
  }
}

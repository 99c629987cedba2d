package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real kernels on the emulator against double precision: RMSNorm and two GEMMs that use cp.async,
 * ldmatrix and mma.sync. Both builds and all orders give the same bits, and the checks find
 * nothing.
 */
class KernelOracleTest {
  private static final double[] E2M1 = {
    0, .5, 1, 1.5, 2, 3, 4, 6, -0.0, -.5, -1, -1.5, -2, -3, -4, -6
  };

  private static short[] random(Random random, int count, double scale) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.of((float) (random.nextGaussian() * scale));
    }
    return values;
  }

  static Stream<Arguments> norms() {
    return Stream.of(
        arguments(1, 4, false),
        arguments(3, 64, true),
        arguments(2, 1024, false),
        arguments(2, 1028, true),
        arguments(2, 2880, true));
  }

  @ParameterizedTest(name = "{0} x {1}, picked {2}")
  @MethodSource("norms")
  void normalises(int tokens, int hidden, boolean picked) {
    Random random = new Random(tokens * 31L + hidden);
    float[] x = new float[tokens * hidden];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian() * 3;
    }
    float[] scale = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      scale[i] = random.nextFloat() + .5f;
    }
    int[] rows = random.ints(tokens, 0, tokens).toArray();
    short[] first = null;
    for (EmulatedMachine machine : GpuTests.machines(11)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      int room = tokens + 1;
      Memory normed = driver.allocate(2L * x.length);
      Memory tiled = driver.upload(Tiled.empty(hidden, room));
      Memory split = driver.upload(Tiled.empty(2 * hidden, room));
      for (boolean plain : new boolean[] {true, false}) {
        driver.launch(
            "rms_norm",
            Shape.of(tokens, 256, 0),
            new Params()
                .put(driver.upload(x))
                .put(driver.upload(scale))
                .put(plain ? normed : tiled)
                .put(plain ? null : split)
                .put(picked ? driver.upload(rows) : null)
                .put(hidden)
                .put(plain ? 0 : room)
                .put(1e-5f));
      }
      short[] result = driver.downloadShorts(normed, x.length);
      for (int t = 0; t < tokens; t++) {
        checkRow((picked ? rows[t] : t) * hidden, x, scale, t * hidden, result);
      }
      first = first == null ? result : first;
      assertThat(result).as(machine.toString()).isEqualTo(first);
      short[] inTiles = driver.downloadShorts(tiled, Tiled.elements(room, hidden));
      assertThat(Tiled.plain(inTiles, tokens, hidden, room)).isEqualTo(result);
      short[] inTwo = driver.downloadShorts(split, Tiled.elements(room, 2 * hidden));
      checkSplit(Tiled.plain(inTwo, tokens, 2 * hidden, room), result, hidden);
    }
  }

  /** A row and what its rounding took away: less than half of the last bit. */
  private static void checkSplit(short[] both, short[] normed, int hidden) {
    for (int i = 0; i < normed.length; i++) {
      int at = i / hidden * 2 * hidden + i % hidden;
      assertThat(both[at]).isEqualTo(normed[i]);
      assertThat(Math.abs(Bfloat16.toDouble(both[at + hidden])))
          .isLessThanOrEqualTo(Math.abs(Bfloat16.toDouble(normed[i])) * 0x1p-8);
    }
  }

  private static void checkRow(int from, float[] x, float[] scale, int to, short[] normed) {
    int hidden = scale.length;
    double squares = 0;
    for (int i = 0; i < hidden; i++) {
      squares += (double) x[from + i] * x[from + i];
    }
    double factor = 1 / Math.sqrt(squares / hidden + 1e-5);
    for (int i = 0; i < hidden; i++) {
      double expected = x[from + i] * factor * scale[i];
      // Half a unit in the last of bfloat16's 8 bits, and a little for float32 on the way.
      assertThat(Bfloat16.toDouble(normed[to + i]))
          .isCloseTo(expected, org.assertj.core.data.Offset.offset(Math.abs(expected) * 0x1.01p-8));
    }
  }

  static Stream<Arguments> products() {
    return Stream.of(
        arguments(64, 64, 32),
        arguments(64, 64, 96),
        arguments(1, 2, 64),
        arguments(65, 66, 64),
        arguments(70, 130, 160));
  }

  @ParameterizedTest(name = "{0} x {1} x {2}")
  @MethodSource("products")
  void multipliesBfloat16(int m, int n, int k) {
    GpuTests.requireEmulator(); // kernels of the tests
    Random random = new Random(m * 7919L + n * 31L + k);
    short[] a = random(random, m * k, 1);
    short[] b = random(random, n * k, .1);
    double[][] weights = new double[n][k];
    for (int i = 0; i < n * k; i++) {
      weights[i / k][i % k] = Bfloat16.toDouble(b[i]);
    }
    float[] first = null;
    for (EmulatedMachine machine : GpuTests.machines(11)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      float[] c = multiply(driver, "gemm_bf16", 20480, a, driver.upload(b), null, m, n, k);
      checkProduct(a, weights, c, m);
      first = first == null ? c : first;
      assertThat(c).as(machine.toString()).isEqualTo(first);
    }
  }

  @ParameterizedTest(name = "{0} x {1} x {2}")
  @MethodSource("products")
  void multipliesMxfp4(int m, int n, int k) {
    GpuTests.requireEmulator(); // kernels of the tests
    Random random = new Random(m * 104729L + n * 31L + k);
    short[] a = random(random, m * k, 1);
    byte[] codes = new byte[n * k / 2];
    byte[] scales = new byte[n * k / 32];
    random.nextBytes(codes);
    double[][] weights = new double[n][k];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (byte) (118 + random.nextInt(10));
    }
    for (int i = 0; i < n * k; i++) {
      int code = (codes[i / 2] >> (4 * (i % 2))) & 15;
      weights[i / k][i % k] = E2M1[code] * Math.pow(2, (scales[i / 32] & 255) - 127);
    }
    float[] first = null;
    for (EmulatedMachine machine : GpuTests.machines(11)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      float[] c =
          multiply(
              driver, "gemm_mxfp4", 10240, a, driver.upload(codes), driver.upload(scales), m, n, k);
      checkProduct(a, weights, c, m);
      first = first == null ? c : first;
      assertThat(c).as(machine.toString()).isEqualTo(first);
    }
  }

  private static float[] multiply(
      Driver driver,
      String kernel,
      int sharedBytes,
      short[] a,
      Memory b,
      Memory scales,
      int m,
      int n,
      int k) {
    Memory c = driver.allocate(4L * m * n);
    driver.launch(
        kernel,
        new Shape((n + 63) / 64, (m + 63) / 64, 128, sharedBytes),
        new Params().put(driver.upload(a)).put(b).put(scales).put(c).put(m).put(n).put(k));
    return driver.downloadFloats(c, m * n);
  }

  private static void checkProduct(short[] a, double[][] weights, float[] c, int m) {
    int n = weights.length;
    int k = weights[0].length;
    double error = 0;
    double norm = 0;
    for (int i = 0; i < m * n; i++) {
      double expected = 0;
      for (int j = 0; j < k; j++) {
        expected += Bfloat16.toDouble(a[i / n * k + j]) * weights[i % n][j];
      }
      error += (c[i] - expected) * (c[i] - expected);
      norm += expected * expected;
    }
    // Inputs are exact, so only float32 sums differ.
    assertThat(Math.sqrt(error / norm)).isLessThan(1e-6);
  }

  @Test
  void multipliesPairsOfBfloat16WithOneRounding() {
    GpuTests.requireEmulator(); // kernels of the tests
    Random random = new Random(5);
    float[] factors = new float[2000];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (float) Bfloat16.toDouble((short) random.nextInt());
      if (!Float.isFinite(factors[i])) {
        factors[i] = -0.0f;
      }
    }
    EmulatedMachine.checked().start();
    Driver driver = new Driver(0);
    Memory out = driver.allocate(4 * 1000);
    driver.launch(
        "multiplies_pairs",
        Shape.of(4, 256, 0),
        new Params().put(driver.upload(factors)).put(out).put(0L).put(1000));
    float[] products = driver.downloadFloats(out, 1000);
    for (int i = 0; i < 1000; i++) {
      float exact = (float) ((double) factors[2 * i] * factors[2 * i + 1]);
      assertThat(products[i]).isEqualTo((float) Bfloat16.toDouble(Bfloat16.of(exact)));
    }
  }
}

package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Correct kernels (kernels/probes.cu) that use one feature each: they compute what the feature
 * promises, and no check accuses them, in any order.
 */
class ProbeKernelsTest {
  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  static Stream<EmulatedMachine> machines() {
    return Stream.of(EmulatedMachine.fast(), EmulatedMachine.checked())
        .flatMap(
            machine ->
                Stream.of(
                    machine.order(Order.FORWARD, 1),
                    machine.order(Order.REVERSE, 1),
                    machine.order(Order.RANDOM, 1),
                    machine.order(Order.RANDOM, 99)));
  }

  private static Driver start(EmulatedMachine machine) {
    machine.start();
    return new Driver(0);
  }

  private static float[] counting(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }

  private static Params params(Memory in, Memory out, int count) {
    return new Params().put(in).put(out).put(0L).put(count);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void sumsInRounds(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 2 * 3);
    driver.launch(
        "sums_in_rounds", Shape.of(2, 128, 0), params(driver.upload(counting(128)), out, 3));
    assertThat(driver.downloadFloats(out, 6))
        .containsExactly(8128f, 2 * 8128f, 3 * 8128f, 8128f, 2 * 8128f, 3 * 8128f);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void exchangesInWarps(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 64);
    driver.launch(
        "exchanges_in_warps", Shape.of(1, 64, 5 * 64), params(driver.upload(counting(64)), out, 4));
    float[] result = driver.downloadFloats(out, 64);
    for (int i = 0; i < 64; i++) {
      assertThat(result[i]).isEqualTo((i ^ 1) + 3f);
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void votesAndShuffles(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 256);
    driver.launch("votes_and_shuffles", Shape.of(2, 128, 0), params(null, out, 0));
    assertThat(driver.downloadFloats(out, 256)).containsOnly(1f);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void countsAtomically(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.upload(0f);
    Memory counters = driver.upload(new byte[16]);
    driver.launch(
        "counts_atomically",
        Shape.of(7, 96, 0),
        new Params().put(0L).put(out).put(counters).put(0));
    assertThat(driver.downloadFloats(out, 1)).containsExactly(672f);
    assertThat(driver.downloadInts(counters, 4)).containsExactly(672, 671, 1, 1);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void someReturnEarly(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 32);
    driver.launch(
        "some_return_early", Shape.of(1, 64, 4 * 32), params(driver.upload(counting(64)), out, 0));
    assertThat(driver.downloadFloats(out, 32)).startsWith(31f, 30f).endsWith(1f, 0f);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void producesAndConsumes(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 96);
    driver.launch(
        "produces_and_consumes",
        Shape.of(1, 128, 4 * 32),
        params(driver.upload(counting(32)), out, 3));
    float[] result = driver.downloadFloats(out, 96);
    for (int i = 0; i < 96; i++) {
      assertThat(result[i]).isEqualTo(6f * (31 - i % 32));
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void streamsInBulk(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 64);
    int rounds = 5;
    driver.launch(
        "streams_in_bulk",
        Shape.of(1, 64, 2 * 4 * 64),
        params(driver.upload(counting(64 * rounds)), out, rounds));
    float[] result = driver.downloadFloats(out, 64);
    for (int i = 0; i < 64; i++) {
      assertThat(result[i]).isEqualTo(64f * (1 + 2 + 3 + 4) + rounds * (63 - i));
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void readsItsStoresInBulk(EmulatedMachine machine) {
    Driver driver = start(machine);
    int rounds = 3;
    Memory out = driver.allocate(4L * 64 * (rounds + 1));
    driver.launch(
        "reads_its_stores_in_bulk",
        Shape.of(1, 64, 4 * 64),
        params(driver.upload(counting(64)), out, rounds));
    float[] result = driver.downloadFloats(out, 64 * (rounds + 1));
    for (int i = 0; i < 64; i++) {
      assertThat(result[64 * rounds + i]).isEqualTo(rounds % 2 == 0 ? i + rounds : 63 - i + rounds);
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void clearsWhatBulkCopiesFill(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 64);
    int rounds = 3;
    driver.launch(
        "clears_what_bulk_copies_fill",
        Shape.of(1, 64, 4 * 64),
        params(driver.upload(counting(64)), out, rounds));
    assertThat(driver.downloadFloats(out, 64)).containsOnly(rounds * 31 * 32 / 2);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void transposesByLdmatrix(EmulatedMachine machine) {
    Driver driver = start(machine);
    Memory out = driver.allocate(4 * 256);
    driver.launch(
        "transposes_by_ldmatrix",
        Shape.of(1, 32, 512),
        params(driver.upload(counting(256)), out, 0));
    float[] result = driver.downloadFloats(out, 256);
    float[] expected = new float[256];
    for (int i = 0; i < 256; i++) {
      int matrix = i / 64;
      expected[i] = i % 8 * 32 + matrix * 8 + i / 8 % 8;
    }
    assertThat(result).as(Arrays.toString(result)).isEqualTo(expected);
  }

  /** What CudaProbe compares on a GPU (kernels/hardware.cu): sums here are those of mma.sync. */
  @ParameterizedTest
  @MethodSource("machines")
  void multipliesByWgmma(EmulatedMachine machine) {
    int rows = 64;
    int columns = 256;
    int width = 128;
    Driver driver = start(machine);
    Random random = new Random(3);
    Memory a = driver.upload(normal(random, rows * width));
    Memory b = driver.upload(normal(random, columns * width));
    float[] expected = null;
    for (String kernel :
        List.of("mma", "wgmma_8", "wgmma_16", "wgmma_32", "wgmma_64", "wgmma_128", "wgmma_256")) {
      Memory out = driver.allocate(4L * rows * columns);
      driver.launch(
          "hardware_product_" + kernel,
          Shape.of(1, 128, columns * 128 + 1024),
          new Params().put(a).put(b).put(out).put(columns).put(width));
      float[] result = driver.downloadFloats(out, rows * columns);
      expected = expected == null ? result : expected;
      assertThat(result).as(kernel).isEqualTo(expected);
    }
    driver.launch(
        "hardware_rate_wgmma_64",
        Shape.of(2, 256, columns * 128 + 1024),
        new Params().put(driver.allocate(4 * 2 * 256)).put(3).put(0x3f813f82));
  }

  private static short[] normal(Random random, int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.of((float) random.nextGaussian());
    }
    return values;
  }
}

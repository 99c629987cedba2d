package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** shuffle.cu, linear.cu and experts.cu against double precision, and against each other. */
class ProductKernelsTest {
  private static final double MOST_RELATIVE_L2 = 4e-3;
  private static final int LINEAR_SHARED_BYTES = 76_800;
  private static final double[] E2M1 = {0, .5, 1, 1.5, 2, 3, 4, 6};
  private static final float LIMIT = 7;

  private static short[] bf16(Random random, int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.of((float) random.nextGaussian());
    }
    return values;
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double relative(double[] expected, double[] actual) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element %d", i).isNotNaN();
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    return Math.sqrt(difference / norm);
  }

  private static long tiles(int rows, int width) {
    return (rows + 15) / 16 * (long) ((width + 63) / 64);
  }

  @ParameterizedTest
  @CsvSource({
    "16, 16, 1",
    "48, 64, 15",
    "33, 80, 16",
    "130, 96, 17",
    "128, 208, 33",
    "96, 272, 65",
    "160, 320, 70",
    "144, 16, 650" // more than one band of token tiles, the last one not full, in both variants
  })
  void denseProducts(int rows, int width, int tokens) {
    Random random = new Random(rows * 31L + width);
    short[] weights = bf16(random, rows * width);
    short[] activations = bf16(random, tokens * width);
    float[] bias = floats(random, rows);
    float[] stream = floats(random, tokens * rows);
    double[] product = new double[tokens * rows];
    double[] sum = new double[tokens * rows];
    for (int t = 0; t < tokens; t++) {
      for (int r = 0; r < rows; r++) {
        double dot = bias[r];
        for (int k = 0; k < width; k++) {
          dot +=
              Bfloat16.toDouble(weights[r * width + k])
                  * Bfloat16.toDouble(activations[t * width + k]);
        }
        product[t * rows + r] = dot;
        sum[t * rows + r] = dot + stream[t * rows + r];
      }
    }
    float[] first = null;
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      Memory fragments = driver.allocate(tiles(rows, width) * 2048);
      driver.launch(
          "shuffle_bf16",
          Shape.of(3, 256, 0),
          new Params()
              .put(driver.upload(weights))
              .put(fragments)
              .put((long) width)
              .put(rows)
              .put(width)
              .put(0)
              .put(0)
              .put(0));
      for (String variant : List.of("", "_prefill")) {
        int blockRows = variant.isEmpty() ? 32 : 128;
        int blockTokens = variant.isEmpty() ? 16 : 64;
        Shape shape =
            new Shape(
                (rows + blockRows - 1) / blockRows,
                (tokens + blockTokens - 1) / blockTokens,
                128,
                LINEAR_SHARED_BYTES);
        float[] nan = new float[tokens * rows];
        Arrays.fill(nan, Float.NaN);
        Memory out = driver.upload(nan);
        Memory x = driver.upload(stream);
        for (String kernel : List.of("floats", "residual")) {
          driver.launch(
              "linear_" + kernel + variant,
              shape,
              new Params()
                  .put(fragments)
                  .put(driver.upload(activations))
                  .put(driver.upload(bias))
                  .put(kernel.equals("floats") ? out : x)
                  .put(rows)
                  .put(width)
                  .put(tokens));
        }
        float[] result = driver.downloadFloats(out, tokens * rows);
        assertThat(relative(product, doubles(result))).isLessThan(1e-5);
        assertThat(relative(sum, doubles(driver.downloadFloats(x, tokens * rows))))
            .isLessThan(1e-5);
        first = first == null ? result : first;
        assertThat(result).as("%s, variant '%s'", machine, variant).isEqualTo(first);
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  private static double[] doubles(short[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Bfloat16.toDouble(values[i]);
    }
    return out;
  }

  /** Experts' matrices in MXFP4, as a checkpoint has them. */
  private record Experts(
      int experts, int rows, int width, byte[] blocks, byte[] scales, int shift) {
    static Experts random(
        Random random, int experts, int rows, int width, int scaleFrom, int scaleTo) {
      byte[] blocks = new byte[experts * rows * width / 2];
      random.nextBytes(blocks);
      byte[] scales = new byte[experts * rows * width / 32];
      int largest = 0;
      for (int i = 0; i < scales.length; i++) {
        int scale = scaleFrom + random.nextInt(scaleTo - scaleFrom + 1);
        scales[i] = (byte) scale;
        largest = Math.max(largest, scale);
      }
      return new Experts(experts, rows, width, blocks, scales, Math.max(0, largest - 128));
    }

    double value(int expert, int row, int column) {
      int at = ((expert * rows + row) * width + column) / 2;
      int code = blocks[at] >> 4 * (column % 2) & 0xf;
      int scale = scales[((expert * rows + row) * width + column) / 32] & 0xff;
      double magnitude = Math.scalb(E2M1[code & 7], scale - 127);
      return (code & 8) == 0 ? magnitude : -magnitude;
    }

    Memory[] shuffled(Driver driver, boolean gateUp) {
      long tiles = tiles(rows, width);
      Memory codes = driver.allocate(experts * tiles * 512);
      Memory exponents = driver.allocate(experts * tiles * 32);
      Memory source = driver.upload(blocks);
      Memory sourceScales = driver.upload(scales);
      for (int e = 0; e < experts; e++) {
        driver.launch(
            "shuffle_mxfp4",
            Shape.of(2, 256, 0),
            new Params()
                .put(source.address() + (long) e * rows * width / 2)
                .put(sourceScales.address() + (long) e * rows * width / 32)
                .put(codes.address() + e * tiles * 512)
                .put(exponents.address() + e * tiles * 32)
                .put(rows)
                .put(width)
                .put(gateUp ? 2 : 0)
                .put(shift));
      }
      return new Memory[] {codes, exponents};
    }
  }

  /** Slots of each expert, in tiles of at most so many, as route.cu lists them. */
  private static int[] tiles(int[] slotsOfExpert, int tileSlots) {
    List<Integer> tiles = new ArrayList<>();
    int first = 0;
    for (int e = 0; e < slotsOfExpert.length; e++) {
      for (int from = 0; from < slotsOfExpert[e]; from += tileSlots) {
        tiles.addAll(List.of(e, first + from, Math.min(tileSlots, slotsOfExpert[e] - from), 0));
      }
      first += slotsOfExpert[e];
    }
    return tiles.stream().mapToInt(Integer::intValue).toArray();
  }

  private static short[] run(
      Driver driver,
      String name,
      int tileSlots,
      Experts w,
      Memory[] weights,
      float[] bias,
      short[] activations,
      int[] rowsOf,
      int[] slotsOfExpert,
      int outputElements) {
    int[] tiles = tiles(slotsOfExpert, tileSlots);
    short[] nan = new short[outputElements];
    Arrays.fill(nan, (short) 0x7fc0);
    Memory out = driver.upload(nan);
    driver.launch(
        name + "_mxfp4_" + tileSlots,
        Shape.of(3, 128, 3 * (8 * 544 + 144 * tileSlots)),
        new Params()
            .put(weights[0])
            .put(weights[1])
            .put(driver.upload(bias))
            .put(driver.upload(activations))
            .put(out)
            .put(driver.upload(rowsOf))
            .put(driver.upload(tiles))
            .put(driver.upload(tiles.length / 4))
            .put(w.rows)
            .put(w.width)
            .put((float) Math.scalb(1.0, w.shift))
            .put(LIMIT));
    return driver.downloadShorts(out, outputElements);
  }

  /** A token that is 1 in one column and 0 elsewhere gives that column's weights as they are. */
  @ParameterizedTest
  @CsvSource({"0, 20", "100, 128", "120, 160", "200, 250"})
  void decodesEveryCodeExactly(int scaleFrom, int scaleTo) {
    int rows = 48;
    int width = 96;
    Experts w = Experts.random(new Random(scaleTo), 1, rows, width, scaleFrom, scaleTo);
    short[] units = new short[width * width];
    int[] slots = new int[width];
    for (int i = 0; i < width; i++) {
      units[i * width + i] = Bfloat16.of(1);
      slots[i] = i;
    }
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      short[] out =
          run(
              driver,
              "experts_down",
              32,
              w,
              w.shuffled(driver, false),
              new float[rows],
              units,
              slots,
              new int[] {width},
              width * rows);
      for (int column = 0; column < width; column++) {
        for (int row = 0; row < rows; row++) {
          assertThat(Bfloat16.toDouble(out[column * rows + row]))
              .as("row %d column %d", row, column)
              .isEqualTo(w.value(0, row, column) + 0.0);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 9, 20, 40, 100})
  void groupedProducts(int tokens) {
    Random random = new Random(tokens);
    int experts = 5;
    int perToken = 2;
    int hidden = 96;
    int inner = 160;
    Experts up = Experts.random(random, experts, 2 * inner, hidden, 118, 128);
    Experts down = Experts.random(random, experts, hidden, inner, 118, 130);
    float[] upBias = floats(random, experts * 2 * inner);
    float[] downBias = floats(random, experts * hidden);
    short[] x = bf16(random, tokens * hidden);
    // Slots in order of expert, as if tokens had chosen at random.
    int pairs = tokens * perToken;
    int[] expertOf = random.ints(pairs, 0, experts).toArray();
    int[] counts = new int[experts];
    int[] slotTokens = new int[pairs];
    int[] slotPairs = new int[pairs];
    int slot = 0;
    for (int e = 0; e < experts; e++) {
      for (int p = 0; p < pairs; p++) {
        if (expertOf[p] == e) {
          slotTokens[slot] = p / perToken;
          slotPairs[slot++] = p;
          counts[e]++;
        }
      }
    }
    short[] firstActivated = null;
    short[] firstOutputs = null;
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      Memory[] upWeights = up.shuffled(driver, true);
      Memory[] downWeights = down.shuffled(driver, false);
      for (int tileSlots : new int[] {8, 16, 32, 64}) {
        short[] activated =
            run(
                driver,
                "experts_up",
                tileSlots,
                up,
                upWeights,
                upBias,
                x,
                slotTokens,
                counts,
                pairs * inner);
        short[] outputs =
            run(
                driver,
                "experts_down",
                tileSlots,
                down,
                downWeights,
                downBias,
                activated,
                slotPairs,
                counts,
                pairs * hidden);
        if (firstActivated == null) {
          firstActivated = activated;
          firstOutputs = outputs;
          checkUp(up, upBias, x, expertOf, slotPairs, perToken, activated);
          checkDown(down, downBias, activated, expertOf, slotPairs, outputs);
        }
        assertThat(activated).as("%s, tiles of %d", machine, tileSlots).isEqualTo(firstActivated);
        assertThat(outputs).as("%s, tiles of %d", machine, tileSlots).isEqualTo(firstOutputs);
      }
    }
  }

  private static double dot(Experts w, int expert, int row, short[] in, int from) {
    double sum = 0;
    for (int k = 0; k < w.width; k++) {
      sum += w.value(expert, row, k) * Bfloat16.toDouble(in[from + k]);
    }
    return sum;
  }

  private static void checkUp(
      Experts w,
      float[] bias,
      short[] x,
      int[] expertOf,
      int[] slotPairs,
      int perToken,
      short[] out) {
    int inner = w.rows / 2;
    double[] expected = new double[out.length];
    for (int slot = 0; slot < slotPairs.length; slot++) {
      int expert = expertOf[slotPairs[slot]];
      int from = slotPairs[slot] / perToken * w.width;
      for (int i = 0; i < inner; i++) {
        double gate = dot(w, expert, 2 * i, x, from) + bias[expert * w.rows + 2 * i];
        double up = dot(w, expert, 2 * i + 1, x, from) + bias[expert * w.rows + 2 * i + 1];
        gate = Math.min(gate, LIMIT);
        up = Math.max(-LIMIT, Math.min(up, LIMIT));
        expected[slot * inner + i] = gate / (1 + Math.exp(-1.702 * gate)) * (up + 1);
      }
    }
    assertThat(relative(expected, doubles(out))).isLessThan(MOST_RELATIVE_L2);
  }

  private static void checkDown(
      Experts w, float[] bias, short[] in, int[] expertOf, int[] slotPairs, short[] out) {
    double[] expected = new double[out.length];
    for (int slot = 0; slot < slotPairs.length; slot++) {
      int expert = expertOf[slotPairs[slot]];
      for (int r = 0; r < w.rows; r++) {
        expected[slotPairs[slot] * w.rows + r] =
            dot(w, expert, r, in, slot * w.width) + bias[expert * w.rows + r];
      }
    }
    assertThat(relative(expected, doubles(out))).isLessThan(MOST_RELATIVE_L2);
  }
}

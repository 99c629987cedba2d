package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** shuffle.cu, linear.cu and experts.cu against double precision, and against each other. */
class ProductKernelsTest {
  private static final double MOST_RELATIVE_L2 = 4e-3;
  private static final int LINEAR_STAGE_BYTES = 24_576;
  private static final int MORE_ROOM = 5; // rows that no token has
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
    return (rows + 63) / 64 * 4 * (long) ((width + 63) / 64);
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
    Map<Boolean, float[]> first = new HashMap<>();
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      Memory fragments = zeros(driver, tiles(rows, width) * 2048);
      int room = tokens + MORE_ROOM;
      Memory tiled = driver.upload(Tiled.of(activations, width, room));
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
              .put(0)
              .put(0));
      for (Variant variant : variants()) {
        boolean groups = !variant.many && variant.path == CopyPath.WGMMA; // a warpgroup a part
        int blockRows = variant.many ? 128 : groups ? 64 : 32;
        int blockTokens = variant.many ? 64 : 16;
        Shape shape =
            new Shape(
                (rows + blockRows - 1) / blockRows,
                (tokens + blockTokens - 1) / blockTokens,
                groups ? 544 : variant.path.threads,
                variant.path.sharedBytes(groups ? 40_960 : LINEAR_STAGE_BYTES));
        float[] nan = new float[tokens * rows];
        Arrays.fill(nan, Float.NaN);
        Memory out = driver.upload(nan);
        Memory x = driver.upload(stream);
        for (String kernel : List.of("floats", "residual")) {
          driver.launch(
              "linear_" + kernel + (variant.many ? "_prefill" : "") + variant.path.suffix,
              shape,
              new Params()
                  .put(fragments)
                  .put(tiled)
                  .put(driver.upload(bias))
                  .put(kernel.equals("floats") ? out : x)
                  .put(rows)
                  .put(width)
                  .put(tokens)
                  .put(room));
        }
        float[] result = driver.downloadFloats(out, tokens * rows);
        assertThat(relative(product, doubles(result))).isLessThan(1e-5);
        assertThat(relative(sum, doubles(driver.downloadFloats(x, tokens * rows))))
            .isLessThan(1e-5);
        first.putIfAbsent(roundsAlone(variant.path), result);
        assertThat(result)
            .as("%s, %s", machine, variant)
            .isEqualTo(first.get(roundsAlone(variant.path)));
      }
    }
  }

  private record Variant(boolean many, CopyPath path) {}

  /** A GPU's wgmma may have other bits than its mma.sync, if the same at every width. */
  private static boolean roundsAlone(CopyPath path) {
    return GpuTests.onRealGpu() && path == CopyPath.WGMMA;
  }

  private static List<Variant> variants() {
    List<Variant> variants = new ArrayList<>();
    for (CopyPath path : CopyPath.ofProducts()) {
      variants.add(new Variant(false, path));
      variants.add(new Variant(true, path));
    }
    return variants;
  }

  /** Where a matrix has no rows for a tile of its last group nobody writes. */
  private static Memory zeros(Driver driver, long bytes) {
    return driver.upload(new byte[Math.toIntExact(bytes)]);
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
      Memory codes = zeros(driver, experts * tiles * 512);
      Memory exponents = zeros(driver, experts * tiles * 32);
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

  /** Runs a kernel on slots that are as in activations.cuh; the output is what it wrote to. */
  private static short[] run(
      Driver driver,
      CopyPath path,
      String name,
      int tileSlots,
      Experts w,
      Memory[] weights,
      float[] bias,
      Memory slots,
      int room,
      int[] pairOf,
      int[] slotsOfExpert,
      short[] output) {
    int[] tiles = tiles(slotsOfExpert, tileSlots);
    Memory out = driver.upload(output);
    driver.launch(
        name + "_mxfp4_" + tileSlots + path.suffix,
        Shape.of(3, path.threads, path.sharedBytes(8 * 544 + 128 * tileSlots)),
        new Params()
            .put(weights[0])
            .put(weights[1])
            .put(driver.upload(bias))
            .put(slots)
            .put(out)
            .put(driver.upload(pairOf))
            .put(driver.upload(tiles))
            .put(driver.upload(tiles.length / 4))
            .put(0L)
            .put(0L)
            .put(w.rows)
            .put(w.width)
            .put(room)
            .put(room)
            .put((float) Math.scalb(1.0, w.shift))
            .put(LIMIT));
    return driver.downloadShorts(out, output.length);
  }

  private static short[] nan(int count) {
    short[] nan = new short[count];
    Arrays.fill(nan, (short) 0x7fc0);
    return nan;
  }

  /** Rows of tokens brought into the order of slots. */
  private static Memory gather(
      Driver driver, short[] x, int width, int tokens, int[] slotTokens, int room) {
    int tokenRoom = tokens + MORE_ROOM;
    Memory slots = driver.upload(Tiled.empty(width, room));
    driver.launch(
        "route_gather",
        Shape.of((slotTokens.length + 7) / 8, 256, 0),
        new Params()
            .put(driver.upload(Tiled.of(x, width, tokenRoom)))
            .put(slots)
            .put(driver.upload(slotTokens))
            .put(slotTokens.length)
            .put(width / 8)
            .put(tokenRoom)
            .put(room));
    return slots;
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
      Memory[] weights = w.shuffled(driver, false);
      Memory tiled = driver.upload(Tiled.of(units, width, width));
      for (CopyPath path : CopyPath.ofProducts()) {
        short[] out =
            run(
                driver,
                path,
                "experts_down",
                32,
                w,
                weights,
                new float[rows],
                tiled,
                width,
                slots,
                new int[] {width},
                nan(width * rows));
        checkUnits(w, out);
      }
    }
  }

  private static void checkUnits(Experts w, short[] out) {
    int rows = w.rows;
    int width = w.width;
    for (int column = 0; column < width; column++) {
      for (int row = 0; row < rows; row++) {
        assertThat(Bfloat16.toDouble(out[column * rows + row]))
            .as("row %d column %d", row, column)
            .isEqualTo(w.value(0, row, column) + 0.0);
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
    Map<Boolean, short[]> firstActivated = new HashMap<>();
    Map<Boolean, short[]> firstOutputs = new HashMap<>();
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      Memory[] upWeights = up.shuffled(driver, true);
      Memory[] downWeights = down.shuffled(driver, false);
      int room = pairs + MORE_ROOM;
      Memory slots = gather(driver, x, hidden, tokens, slotTokens, room);
      for (int i = 0; i < 4 * CopyPath.ofProducts().size(); i++) {
        CopyPath path = CopyPath.ofProducts().get(i / 4);
        int tileSlots = 8 << i % 4;
        short[] tiled =
            run(
                driver,
                path,
                "experts_up",
                tileSlots,
                up,
                upWeights,
                upBias,
                slots,
                room,
                slotPairs,
                counts,
                Tiled.empty(inner, room));
        short[] activated = Tiled.plain(tiled, pairs, inner, room);
        short[] outputs =
            run(
                driver,
                path,
                "experts_down",
                tileSlots,
                down,
                downWeights,
                downBias,
                driver.upload(tiled),
                room,
                slotPairs,
                counts,
                nan(pairs * hidden));
        boolean alone = roundsAlone(path);
        if (!firstActivated.containsKey(alone)) {
          firstActivated.put(alone, activated);
          firstOutputs.put(alone, outputs);
          checkUp(up, upBias, x, expertOf, slotPairs, perToken, activated);
          checkDown(down, downBias, activated, expertOf, slotPairs, outputs);
        }
        assertThat(activated)
            .as("%s, %s, tiles of %d", machine, path, tileSlots)
            .isEqualTo(firstActivated.get(alone));
        assertThat(outputs)
            .as("%s, %s, tiles of %d", machine, path, tileSlots)
            .isEqualTo(firstOutputs.get(alone));
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

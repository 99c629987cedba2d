package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** lora.cu, and what shuffle.cu and route.cu do for it, against double precision. */
class LoraKernelsTest {
  private static final double MOST_RELATIVE_L2 = 4e-3;
  private static final int TILE_ROWS = 16;
  private static final int MORE_ROOM = 5; // rows that no token has
  private static final int ADAPTERS = 3;
  private static final float UNTOUCHED = 12345;

  /**
   * One adapter's matrices for one part of the outputs: a [experts * rank, width], b [rows, rank *
   * experts], as PEFT saves them.
   */
  private record LowRank(
      int experts, int rank, int width, int rows, float scale, short[] a, short[] b) {
    static LowRank random(Random random, int experts, int rank, int width, int rows) {
      return new LowRank(
          experts,
          rank,
          width,
          rows,
          0.5f + random.nextFloat(),
          bf16(random, experts * rank * width),
          bf16(random, rows * rank * experts));
    }

    int rankTiles() {
      return (rank + 15) / 16;
    }

    double[] product(int expert, short[] x, int row) {
      double[] out = new double[rows];
      for (int i = 0; i < rank; i++) {
        double low = 0;
        for (int k = 0; k < width; k++) {
          low +=
              Bfloat16.toDouble(a[(expert * rank + i) * width + k])
                  * Bfloat16.toDouble(x[row * width + k]);
        }
        for (int r = 0; r < rows; r++) {
          out[r] += scale * low * Bfloat16.toDouble(b[r * rank * experts + i * experts + expert]);
        }
      }
      return out;
    }

    private Memory shuffledA(Driver driver) {
      return shuffle(driver, a, (long) rank * width, width, 1, rank, width);
    }

    private Memory shuffledB(Driver driver) {
      return shuffle(driver, b, 1, (long) rank * experts, experts, rows, rank);
    }

    private Memory shuffle(
        Driver driver,
        short[] source,
        long expertStride,
        long rowStride,
        long columnStride,
        int tileRows,
        int columns) {
      long fragments = (tileRows + 15) / 16 * ((columns + 15) / 16) * 32L;
      Memory target = driver.allocate(experts * fragments * 16);
      driver.launch(
          "shuffle_low_rank",
          Shape.of(3, 256, 0),
          new Params()
              .put(driver.upload(source))
              .put(target)
              .put(expertStride)
              .put(rowStride)
              .put(columnStride)
              .put(fragments)
              .put(experts)
              .put(tileRows)
              .put(columns)
              .put(0)
              .put(0));
      return target;
    }
  }

  private static short[] bf16(Random random, int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.of((float) random.nextGaussian());
    }
    return values;
  }

  /** Tiles as lora.cuh has them, of rows in the order that they are listed in. */
  private record Tiles(int[] tiles, int[] rows, int[] firsts, int[] counts) {
    /** Row r is of group groupOf[r] and has adapter adapterOf[r], or none at -1. */
    static Tiles of(int groups, int[] groupOf, int[] adapterOf) {
      List<Integer> tiles = new ArrayList<>();
      List<Integer> rows = new ArrayList<>();
      int[] firsts = new int[groups];
      int[] counts = new int[groups];
      for (int g = 0; g < groups; g++) {
        firsts[g] = tiles.size() / 4;
        for (int adapter = 0; adapter < ADAPTERS; adapter++) {
          int first = rows.size();
          for (int r = 0; r < groupOf.length; r++) {
            if (groupOf[r] == g && adapterOf[r] == adapter) {
              rows.add(r);
            }
          }
          for (int from = first; from < rows.size(); from += TILE_ROWS) {
            tiles.addAll(List.of(g, adapter, from, Math.min(TILE_ROWS, rows.size() - from)));
          }
        }
        counts[g] = tiles.size() / 4 - firsts[g];
      }
      return new Tiles(ints(tiles), ints(rows), firsts, counts);
    }

    private static int[] ints(List<Integer> values) {
      return values.stream().mapToInt(Integer::intValue).toArray();
    }

    Params put(Driver driver, Params params) {
      return params
          .put(driver.upload(tiles))
          .put(driver.upload(rows))
          .put(driver.upload(firsts))
          .put(driver.upload(counts));
    }
  }

  /** [adapter][part]; null where an adapter leaves a part alone. */
  private record Products(LowRank[][] matrices, int groups, int width, int[] partRows) {
    int parts() {
      return partRows.length;
    }

    int rows() {
      return Arrays.stream(partRows).sum();
    }

    int rank() {
      return 16
          * Arrays.stream(matrices)
              .flatMap(Arrays::stream)
              .mapToInt(m -> m == null ? 0 : m.rankTiles())
              .max()
              .orElseThrow();
    }

    private Memory table(Driver driver) {
      ByteBuffer table =
          ByteBuffer.allocate(24 * ADAPTERS * parts()).order(ByteOrder.nativeOrder());
      for (LowRank[] adapter : matrices) {
        for (LowRank part : adapter) {
          if (part == null) {
            table.put(new byte[24]);
          } else {
            table.putLong(part.shuffledA(driver).address());
            table.putLong(part.shuffledB(driver).address());
            table.putInt(part.rankTiles()).putFloat(part.scale());
          }
        }
      }
      return driver.upload(table.array());
    }

    /** What the two kernels leave in an output that held `before`, [rows of x, rows]. */
    float[] compute(Driver driver, short[] x, Tiles tiles, float[] before, boolean adds) {
      int tokens = x.length / width;
      int room = tokens + MORE_ROOM;
      Memory table = table(driver);
      Memory low = driver.allocate(2L * Math.max(1, tiles.rows.length) * parts() * rank());
      Memory output = driver.upload(before);
      Params shrink = new Params().put(table).put(driver.upload(Tiled.of(x, width, room))).put(low);
      driver.launch(
          "lora_shrink",
          new Shape(parts() * rank() / 16, groups, 2, 128, 0),
          tiles.put(driver, shrink).put(width).put(room).put(parts()).put(rank()));
      Params expand = new Params().put(table).put(low).put(output);
      int second = partRows[0];
      int third = parts() == 1 ? second : second + partRows[1];
      driver.launch(
          "lora_expand",
          new Shape((rows() + 127) / 128, groups, 2, 128, 0),
          tiles
              .put(driver, expand)
              .put(rows())
              .put(second)
              .put(third)
              .put(parts())
              .put(rank())
              .put(adds ? 1 : 0));
      return driver.downloadFloats(output, before.length);
    }

    double[] expected(int group, int adapter, short[] x, int row) {
      double[] all = new double[rows()];
      int from = 0;
      for (int part = 0; part < parts(); part++) {
        LowRank matrix = matrices[adapter][part];
        if (matrix != null) {
          System.arraycopy(matrix.product(group, x, row), 0, all, from, partRows[part]);
        }
        from += partRows[part];
      }
      return all;
    }
  }

  private static Products products(Random random, int groups, int width, int... partRows) {
    int[] ranks = {5, 16, 33};
    LowRank[][] matrices = new LowRank[ADAPTERS][partRows.length];
    for (int a = 0; a < ADAPTERS; a++) {
      for (int part = 0; part < partRows.length; part++) {
        boolean leavesAlone = partRows.length > 1 && a == part;
        matrices[a][part] =
            leavesAlone
                ? null
                : LowRank.random(random, groups, ranks[(a + part) % 3], width, partRows[part]);
      }
    }
    return new Products(matrices, groups, width, partRows);
  }

  /** Widths below, at and beyond a step of 64 columns for each warp; one part and three. */
  @ParameterizedTest
  @CsvSource({"1, 16, 3", "1, 80, 40", "3, 272, 70", "2, 400, 45"})
  void lowRankProducts(int groups, int width, int tokens) {
    Random random = new Random(width);
    Products products =
        groups == 1 ? products(random, 1, width, 48, 16, 32) : products(random, groups, width, 144);
    short[] x = bf16(random, tokens * width);
    int[] groupOf = random.ints(tokens, 0, groups).toArray();
    int[] adapterOf = random.ints(tokens, -1, ADAPTERS).toArray();
    adapterOf[0] = 0;
    int rows = products.rows();
    float[] before = new float[tokens * rows];
    Arrays.fill(before, UNTOUCHED);
    float[] zero = new float[tokens * rows];
    Tiles tiles = Tiles.of(groups, groupOf, adapterOf);
    float[] first = null;
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      float[] result = products.compute(driver, x, tiles, before, false);
      if (first == null) {
        first = result;
        check(products, x, groupOf, adapterOf, result);
      }
      assertThat(result).as("%s", machine).isEqualTo(first);
      float[] sums = products.compute(driver, x, tiles, zero, true);
      for (int row : new int[] {0, tokens / 2, tokens - 1}) {
        int[] alone = new int[tokens];
        Arrays.fill(alone, -1);
        alone[row] = adapterOf[row];
        Tiles tile = Tiles.of(groups, groupOf, alone);
        float[] only =
            adapterOf[row] < 0 ? before : products.compute(driver, x, tile, before, false);
        for (int i = row * rows; i < (row + 1) * rows; i++) {
          assertThat(only[i]).as("row %d alone", row).isEqualTo(first[i]);
          assertThat(sums[i]).isEqualTo(adapterOf[row] < 0 ? 0 : first[i] + 0f);
        }
      }
    }
  }

  private static void check(
      Products products, short[] x, int[] groupOf, int[] adapterOf, float[] result) {
    int rows = products.rows();
    double difference = 0;
    double norm = 0;
    for (int row = 0; row < adapterOf.length; row++) {
      double[] expected =
          adapterOf[row] < 0 ? null : products.expected(groupOf[row], adapterOf[row], x, row);
      for (int r = 0; r < rows; r++) {
        float actual = result[row * rows + r];
        if (expected == null) {
          assertThat(actual).as("row %d without an adapter", row).isEqualTo(UNTOUCHED);
          continue;
        }
        assertThat(actual).as("row %d, element %d", row, r).isFinite();
        if (expected[r] == 0) {
          // A part that is left alone: adding this changes nothing, a zero's sign included.
          assertThat(Float.floatToRawIntBits(actual)).isEqualTo(Float.floatToRawIntBits(-0f));
        }
        difference += (actual - expected[r]) * (actual - expected[r]);
        norm += expected[r] * expected[r];
      }
    }
    assertThat(Math.sqrt(difference / norm)).isLessThan(MOST_RELATIVE_L2);
  }

  /** Slots of experts in tiles of one adapter, in any order of blocks and threads. */
  @Test
  void slotsAreGroupedByExpertAndAdapter() {
    Random random = new Random(9);
    int experts = 6;
    int tokens = 400;
    int[] slotsOf = {0, 700, 1, 300, 16, 0};
    int slots = Arrays.stream(slotsOf).sum();
    int[] adapterOf = random.ints(tokens, 0, ADAPTERS + 1).map(a -> a == 2 ? 0 : a).toArray();
    int[] slotTokens = random.ints(slots, 0, tokens).toArray();
    for (EmulatedMachine machine : GpuTests.machines(7)) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      Memory slotAdapters = driver.allocate(4L * slots);
      Memory rows = driver.allocate(4L * slots);
      Memory tiles = driver.allocate(16L * slots);
      Memory firsts = driver.allocate(4L * experts);
      Memory counts = driver.allocate(4L * experts);
      driver.launch(
          "route_adapters",
          Shape.of(experts, 256, 0),
          new Params()
              .put(driver.upload(slotsOf))
              .put(driver.upload(slotTokens))
              .put(driver.upload(adapterOf))
              .put(driver.upload(1, 3))
              .put(slotAdapters)
              .put(rows)
              .put(tiles)
              .put(firsts)
              .put(counts)
              .put(2));
      int[] of = driver.downloadInts(slotAdapters, slots);
      int[] listed = driver.downloadInts(rows, slots);
      int[] allTiles = driver.downloadInts(tiles, 4 * slots);
      int first = 0;
      for (int e = 0; e < experts; e++) {
        assertThat(driver.downloadInts(firsts, experts)[e]).isEqualTo(first);
        List<Integer> found = new ArrayList<>();
        int count = driver.downloadInts(counts, experts)[e];
        for (int t = first; t < first + count; t++) {
          int[] tile = Arrays.copyOfRange(allTiles, 4 * t, 4 * t + 4);
          assertThat(tile[0]).isEqualTo(e);
          assertThat(tile[3]).isBetween(1, TILE_ROWS);
          for (int i = tile[2]; i < tile[2] + tile[3]; i++) {
            assertThat(of[listed[i]]).isEqualTo(tile[1] + 1);
            found.add(listed[i]);
          }
        }
        List<Integer> expected = new ArrayList<>();
        int tilesExpected = 0;
        for (int adapter : new int[] {1, 3}) {
          int before = expected.size();
          for (int slot = first; slot < first + slotsOf[e]; slot++) {
            if (adapterOf[slotTokens[slot]] == adapter) {
              expected.add(slot);
            }
          }
          tilesExpected += (expected.size() - before + TILE_ROWS - 1) / TILE_ROWS;
        }
        assertThat(found).as("%s, expert %d", machine, e).isEqualTo(expected);
        assertThat(count).isEqualTo(tilesExpected);
        first += slotsOf[e];
      }
      for (int slot = 0; slot < slots; slot++) {
        assertThat(of[slot]).isEqualTo(adapterOf[slotTokens[slot]]);
      }
    }
  }
}

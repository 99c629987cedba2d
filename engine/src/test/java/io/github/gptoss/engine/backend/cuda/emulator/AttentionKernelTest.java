package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** attention.cu against double precision over a randomly paged cache. */
class AttentionKernelTest {
  private static final double MOST_RELATIVE_L2 = 4e-3;
  private static final int KV_HEADS = 2;

  /** One sequence, its last {@code tokens} positions being the step's. */
  private record Case(
      int head, int group, int length, int tokens, int window, int blockTokens, Random random) {
    int heads() {
      return group * KV_HEADS;
    }

    int first() {
      return length - tokens;
    }
  }

  private static final class Cache {
    final Case c;
    final int[] table;
    final int ring;
    final short[] keys;
    final short[] values;
    final short[] queries;
    final float[] sinks;

    Cache(Case c) {
      this.c = c;
      int entries = (c.length + c.blockTokens - 1) / c.blockTokens;
      ring = c.window == 0 ? 0 : (c.window + c.tokens + c.blockTokens - 1) / c.blockTokens + 1;
      int blocks = (c.window == 0 ? entries : ring) + 3;
      List<Integer> order = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
      Collections.shuffle(order, c.random);
      table =
          order.stream()
              .limit(c.window == 0 ? entries : ring)
              .mapToInt(Integer::intValue)
              .toArray();
      int elements = blocks * KV_HEADS * c.blockTokens * c.head;
      keys = new short[elements];
      values = new short[elements];
      Arrays.fill(keys, (short) 0x7fc0); // NaN where nobody wrote
      Arrays.fill(values, (short) 0x7fc0);
      int from = c.window == 0 ? 0 : Math.max(0, c.first() - c.window + 1);
      for (int p = from; p < c.length; p++) {
        for (int h = 0; h < KV_HEADS; h++) {
          for (int d = 0; d < c.head; d++) {
            keys[at(p, h) + Tiled.inHead(c.head, p, d)] =
                Bfloat16.of((float) c.random.nextGaussian());
            values[at(p, h) + Tiled.inHead(c.head, p, d)] =
                Bfloat16.of((float) c.random.nextGaussian());
          }
        }
      }
      queries = new short[c.length * c.heads() * c.head];
      for (int i = c.first() * c.heads() * c.head; i < queries.length; i++) {
        queries[i] = Bfloat16.of((float) (c.random.nextGaussian() * 1.5));
      }
      sinks = new float[c.heads()];
      for (int i = 0; i < sinks.length; i++) {
        sinks[i] = (float) c.random.nextGaussian() * 2;
      }
    }

    int at(int position, int kvHead) {
      int entry = position / c.blockTokens;
      int block = table[ring == 0 ? entry : entry % ring];
      return ((block * KV_HEADS + kvHead) * c.blockTokens + position % c.blockTokens) * c.head;
    }

    double[] expected(int position, int head) {
      int kvHead = head / c.group;
      int low = c.window == 0 ? 0 : Math.max(0, position - c.window + 1);
      double[] scores = new double[position - low + 1];
      double max = sinks[head];
      for (int p = low; p <= position; p++) {
        double dot = 0;
        for (int d = 0; d < c.head; d++) {
          dot +=
              Bfloat16.toDouble(queries[(position * c.heads() + head) * c.head + d])
                  * Bfloat16.toDouble(keys[at(p, kvHead) + Tiled.inHead(c.head, p, d)]);
        }
        scores[p - low] = dot / Math.sqrt(c.head);
        max = Math.max(max, scores[p - low]);
      }
      double sum = Math.exp(sinks[head] - max);
      double[] out = new double[c.head];
      for (int p = low; p <= position; p++) {
        double weight = Math.exp(scores[p - low] - max);
        sum += weight;
        for (int d = 0; d < c.head; d++) {
          out[d] += weight * Bfloat16.toDouble(values[at(p, kvHead) + Tiled.inHead(c.head, p, d)]);
        }
      }
      for (int d = 0; d < c.head; d++) {
        out[d] /= sum;
      }
      return out;
    }

    /** Results of the tokens from {@code from} on, computed in chunks of so many. */
    short[] run(EmulatedMachine machine, CopyPath path, String kernel, int from, int chunk) {
      GpuTests.start(machine);
      Driver driver = new Driver(0);
      int rowElements = c.heads() * c.head;
      Memory q = driver.upload(queries);
      int room = c.length + 3;
      short[] untouched = Tiled.empty(rowElements, room);
      Memory out = driver.upload(untouched);
      Memory k = driver.upload(keys);
      Memory v = driver.upload(values);
      Memory sink = driver.upload(sinks);
      Memory blocks = driver.upload(table);
      Memory starts = driver.upload(0, table.length);
      for (int t = from; t < c.length; t += chunk) {
        int count = Math.min(chunk, c.length - t);
        boolean decode = kernel.equals("decode");
        int rows = count * c.group;
        driver.launch(
            "attention_" + kernel + "_" + c.head + path.suffix,
            new Driver.Shape(
                1,
                KV_HEADS,
                decode ? 1 : (rows + 63) / 64,
                decode ? 128 : path.threads,
                decode ? 1024 * c.head + 512 * (c.head / 2 + 4) : 512 * c.head),
            new Params()
                .put(q)
                .put(k)
                .put(v)
                .put(out)
                .put(sink)
                .put(driver.upload(0, t, count, t))
                .put(blocks)
                .put(ring == 0 ? starts : null)
                .put(ring)
                .put(Integer.numberOfTrailingZeros(c.blockTokens))
                .put(c.window)
                .put(c.heads())
                .put(KV_HEADS)
                .put(room)
                .put((float) (1 / Math.sqrt(c.head))));
      }
      driver.synchronize();
      short[] tiled = driver.downloadShorts(out, untouched.length);
      short[] result = Tiled.plain(tiled, c.length, rowElements, room);
      return Arrays.copyOfRange(result, from * rowElements, result.length);
    }

    void check(short[] result, int from) {
      double difference = 0;
      double norm = 0;
      for (int t = from; t < c.length; t++) {
        for (int h = 0; h < c.heads(); h++) {
          double[] expected = expected(t, h);
          for (int d = 0; d < c.head; d++) {
            double actual = Bfloat16.toDouble(result[((t - from) * c.heads() + h) * c.head + d]);
            assertThat(actual).isNotNaN();
            difference += (actual - expected[d]) * (actual - expected[d]);
            norm += expected[d] * expected[d];
          }
        }
      }
      assertThat(Math.sqrt(difference / norm)).isLessThan(MOST_RELATIVE_L2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "64, 8, 1, 1, 0, 32", "64, 8, 127, 9, 0, 32", "64, 8, 128, 9, 0, 32", "64, 8, 129, 40, 0, 32",
    "64, 8, 300, 3, 128, 32", "64, 2, 257, 33, 7, 4", "32, 4, 200, 50, 16, 1",
        "16, 3, 130, 20, 0, 64",
    "48, 5, 90, 90, 33, 8", "96, 1, 70, 70, 0, 16", "128, 16, 70, 5, 40, 32",
        "128, 1, 64, 64, 0, 32"
  })
  void equalsDoublePrecisionHoweverItIsCut(
      int head, int group, int length, int tokens, int window, int blockTokens) {
    Random random = new Random(31L * head + length);
    Cache cache = new Cache(new Case(head, group, length, tokens, window, blockTokens, random));
    int first = length - tokens;
    short[] whole = null;
    int decode = Math.max(1, 16 / group);
    for (CopyPath path : CopyPath.ofAttention()) {
      short[] own = cache.run(EmulatedMachine.fast(), path, "prefill", first, tokens);
      if (whole == null) {
        whole = own;
        cache.check(whole, first);
      }
      assertThat(own).as("%s", path).isEqualTo(whole);
      assertThat(cache.run(EmulatedMachine.fast(), path, "prefill", first, 7)).isEqualTo(whole);
      assertThat(cache.run(EmulatedMachine.fast(), path, "decode", first, decode))
          .as("%s, short items", path)
          .isEqualTo(whole);
      for (Order order : Order.values()) {
        EmulatedMachine checked = EmulatedMachine.checked().order(order, 3);
        assertThat(cache.run(checked, path, "prefill", first, tokens))
            .as("%s, checked, %s", path, order)
            .isEqualTo(whole);
        assertThat(cache.run(checked, path, "decode", first, decode))
            .as("%s, checked, short items, %s", path, order)
            .isEqualTo(whole);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4095, 0", "4097, 0", "8192, 0", "8192, 128"})
  void longContexts(int length, int window) {
    Cache cache = new Cache(new Case(64, 8, length, 3, window, 32, new Random(length)));
    for (CopyPath path : CopyPath.ofAttention()) {
      short[] whole = cache.run(EmulatedMachine.fast(), path, "prefill", length - 3, 3);
      cache.check(whole, length - 3);
      assertThat(cache.run(EmulatedMachine.fast(), path, "decode", length - 3, 1)).isEqualTo(whole);
    }
  }

  @Test
  void oneTokenSeesItselfAndTheSink() {
    Cache cache = new Cache(new Case(32, 4, 1, 1, 1, 1, new Random(1)));
    for (CopyPath path : CopyPath.ofAttention()) {
      cache.check(cache.run(EmulatedMachine.fast(), path, "decode", 0, 1), 0);
    }
  }
}

package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PrefixCutTest {
  @Test
  void agreesWithSortingAndSumming() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 3_000; round++) {
      int n = 1 + random.nextInt(60);
      TreeMap<Long, Long> sorted = new TreeMap<>();
      while (sorted.size() < n) {
        sorted.put(random.nextLong(-200, 200), (long) random.nextInt(4));
      }
      long[] keys = sorted.keySet().stream().mapToLong(Long::longValue).toArray();
      shuffle(keys, random);
      long[] weights = Arrays.stream(keys).map(sorted::get).toArray();
      long limit = random.nextInt(2 * n + 2);
      assertThat(PrefixCut.find(keys, weights, n, limit)).isEqualTo(expected(sorted, limit));

      TreeMap<Long, Long> after = new TreeMap<>();
      for (int i = 0; i < n; i++) {
        after.put(keys[i], weights[i]);
      }
      assertThat(after).as("keys with their weights").isEqualTo(sorted);
    }
  }

  @Test
  void takesSortedInputOfTheWholeVocabulary() {
    int n = 201_088;
    for (int step : new int[] {1, -1}) {
      long[] keys = new long[n];
      for (int i = 0; i < n; i++) {
        keys[i] = (long) step * i;
      }
      long[] weights = new long[n];
      Arrays.fill(weights, 1);
      assertThat(PrefixCut.find(keys, weights, n, 1000)).isEqualTo(step > 0 ? 1000 : 1000 - n + 1);
    }
  }

  private static long expected(SortedMap<Long, Long> sorted, long limit) {
    long sum = 0;
    for (var entry : sorted.entrySet()) {
      sum += entry.getValue();
      if (sum > limit) {
        return entry.getKey();
      }
    }
    return sorted.lastKey();
  }

  private static void shuffle(long[] keys, SplittableRandom random) {
    for (int i = keys.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      long key = keys[i];
      keys[i] = keys[j];
      keys[j] = key;
    }
  }
}

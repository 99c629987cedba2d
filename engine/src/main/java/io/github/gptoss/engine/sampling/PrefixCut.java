package io.github.gptoss.engine.sampling;

/** Quickselect by weight: where a running sum over ascending keys first exceeds a limit. */
final class PrefixCut {
  private PrefixCut() {}

  /**
   * The key k such that the weights of all smaller keys sum to at most the limit, and with k's own
   * they exceed it; the largest key where all weights together do not exceed it. Expected O(n);
   * reorders both arrays, n at least 1, keys all different and no weight negative.
   */
  static long find(long[] keys, long[] weights, int n, long limit) {
    int from = 0;
    int to = n;
    long left = limit;
    while (to - from > 1) {
      long pivot = medianOfThree(keys[from], keys[(from + to) >>> 1], keys[to - 1]);
      int split = from;
      long below = 0;
      for (int i = from; i < to; i++) {
        if (keys[i] < pivot) {
          below += weights[i];
          swap(keys, weights, i, split++);
        }
      }
      if (below > left) {
        to = split;
      } else if (split > from) {
        left -= below;
        from = split;
      } else {
        // The pivot is the smallest: it alone goes, so that every turn makes progress.
        int at = from;
        while (keys[at] != pivot) {
          at++;
        }
        if (weights[at] > left) {
          return pivot;
        }
        left -= weights[at];
        swap(keys, weights, at, from++);
      }
    }
    return keys[from];
  }

  private static void swap(long[] keys, long[] weights, int i, int j) {
    long key = keys[i];
    long weight = weights[i];
    keys[i] = keys[j];
    weights[i] = weights[j];
    keys[j] = key;
    weights[j] = weight;
  }

  private static long medianOfThree(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}

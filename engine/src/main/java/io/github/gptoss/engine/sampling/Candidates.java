package io.github.gptoss.engine.sampling;

import java.util.Arrays;

/** The tokens of a {@link LogitsRow} that truncation has left, in order of ids. */
final class Candidates {
  private int[] ids = {};
  private double[] weights = {};
  private long[] keys = {};
  private long[] keyWeights = {};
  private int n;

  /** Starts over with all tokens whose value is at least the cut. */
  void gather(LogitsRow row, float cut) {
    n = 0;
    for (int b = 0; b < row.blocks(); b++) {
      if (row.blockMax(b) >= cut) {
        ensure(n + LogitsRow.BLOCK);
        for (int i = b * LogitsRow.BLOCK; i < row.blockEnd(b); i++) {
          if (row.value(i) >= cut) {
            ids[n++] = i;
          }
        }
      }
    }
  }

  private void ensure(int capacity) {
    if (ids.length < capacity) {
      int grown = Math.max(capacity, 2 * ids.length);
      ids = Arrays.copyOf(ids, grown);
      weights = Arrays.copyOf(weights, grown);
      keys = Arrays.copyOf(keys, grown);
      keyWeights = Arrays.copyOf(keyWeights, grown);
    }
  }

  /**
   * A value that no more than all and no fewer than k tokens reach: the k-th largest of the blocks'
   * maxima, each of which is a token's.
   */
  float boundOfTop(LogitsRow row, int k) {
    if (k > row.blocks()) {
      return Float.NEGATIVE_INFINITY;
    }
    ensure(row.blocks());
    for (int b = 0; b < row.blocks(); b++) {
      keys[b] = key(row.blockMax(b), b);
    }
    return valueOf(largest(row.blocks(), k));
  }

  /** Keeps the k largest, and all that equal the last of them. */
  void keepTop(LogitsRow row, int k) {
    if (n <= k) {
      return;
    }
    fillKeys(row);
    float last = valueOf(largest(n, k));
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (row.value(ids[i]) >= last) {
        ids[kept++] = ids[i];
      }
    }
    n = kept;
  }

  void weigh(LogitsRow row) {
    for (int i = 0; i < n; i++) {
      weights[i] = row.exponent(row.value(ids[i]));
    }
    Exp.exp(weights, n);
  }

  /** Drops what weighs less than this. The likeliest weighs 1 and stays. */
  void keepMinP(double minP) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (weights[i] >= minP) {
        ids[kept] = ids[i];
        weights[kept++] = weights[i];
      }
    }
    n = kept;
  }

  /**
   * Drops the least likely while all dropped together have at most probability 1 - topP of the
   * total quanta, of which tokens that are no candidates count as dropped. Among equals the highest
   * id goes first; one always stays.
   */
  void keepTopP(LogitsRow row, double topP, long total) {
    long others = total;
    fillKeys(row);
    for (int i = 0; i < n; i++) {
      keyWeights[i] = LogitsRow.quanta(weights[i]);
      others -= keyWeights[i];
    }
    long limit = (long) ((1 - topP) * total) - others;
    long first = PrefixCut.find(keys, keyWeights, n, Math.max(0, limit));
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (key(row.value(ids[i]), ids[i]) >= first) {
        ids[kept] = ids[i];
        weights[kept++] = weights[i];
      }
    }
    n = kept;
  }

  /** The count largest values with their ids, as keys in descending order. */
  long[] topKeys(LogitsRow row, int count) {
    fillKeys(row);
    long last = largest(n, count);
    long[] ascending = Arrays.stream(keys, 0, n).filter(key -> key >= last).sorted().toArray();
    long[] descending = new long[ascending.length];
    for (int i = 0; i < descending.length; i++) {
      descending[i] = ascending[ascending.length - 1 - i];
    }
    return descending;
  }

  private void fillKeys(LogitsRow row) {
    for (int i = 0; i < n; i++) {
      keys[i] = key(row.value(ids[i]), ids[i]);
    }
  }

  /** The k-th largest of the first count keys, which it reorders. */
  private long largest(int count, int k) {
    Arrays.fill(keyWeights, 0, count, 1);
    return PrefixCut.find(keys, keyWeights, count, count - k);
  }

  /** Orders by value and, among equals, the lowest id last; adding 0 makes -0 and 0 equal. */
  private static long key(float value, int id) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | (Integer.MAX_VALUE - id);
  }

  static float valueOf(long key) {
    int ordered = (int) (key >> 32);
    return Float.intBitsToFloat(ordered ^ (ordered >> 31 & Integer.MAX_VALUE));
  }

  static int idOf(long key) {
    return Integer.MAX_VALUE - (int) key;
  }

  long totalQuanta() {
    long total = 0;
    for (int i = 0; i < n; i++) {
      total += LogitsRow.quanta(weights[i]);
    }
    return total;
  }

  /** As {@link LogitsRow#draw}, among the candidates. */
  int draw(long target) {
    int i = 0;
    long left = target;
    for (long q = LogitsRow.quanta(weights[0]); left >= q; q = LogitsRow.quanta(weights[i])) {
      left -= q;
      i++;
    }
    return ids[i];
  }

  /** The candidates of at least a probability, with the probability of one more token. */
  TokenWeights probabilities(LogitsRow row, double mass, int chosen, double least) {
    int[] tokens = new int[n];
    double[] probabilities = new double[n];
    int kept = 0;
    for (int i = 0; i < n; i++) {
      double probability = row.probability(row.value(ids[i]), weights[i], mass);
      if (probability >= least) {
        tokens[kept] = ids[i];
        probabilities[kept++] = probability;
      }
    }
    double weight = Exp.exp(row.exponent(row.value(chosen)));
    return new TokenWeights(
        Arrays.copyOf(tokens, kept),
        Arrays.copyOf(probabilities, kept),
        row.probability(row.value(chosen), weight, mass));
  }

  /** Writes weight / mass of every candidate. */
  void probabilities(LogitsRow row, double mass, double[] out) {
    for (int i = 0; i < n; i++) {
      out[ids[i]] = row.probability(row.value(ids[i]), weights[i], mass);
    }
  }
}

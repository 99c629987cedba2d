package io.github.gptoss.engine.sampling;

import java.util.Arrays;

/**
 * A working copy of one row of logits, in blocks whose maxima say which blocks can be skipped.
 *
 * <p>A token's weight is exp((value - max) / temperature), in [0, 1]. Sums of weights are taken in
 * whole quanta of 2^-43, which makes them exact and so independent of their order.
 */
final class LogitsRow {
  static final int BLOCK = 256;

  /** The largest size for which a sum of quanta, doubled, stays below 2^63. */
  private static final int MAX_SIZE = 1 << 19;

  private static final double QUANTA = 0x1p43;

  /** Doubles around it are 2^-43 apart, so adding and subtracting it rounds to a quantum. */
  private static final double ROUNDING = 0x1.8p9;

  /** Weights of smaller exponents are less than half a quantum, which rounds to none. */
  private static final double WEIGHTLESS = -31;

  /** How far a bound errs to the safe side, relatively: far above its rounding errors. */
  private static final double SLACK = 1e-5;

  private float[] values = {};
  private float[] blockMax = {};
  private long[] blockQuanta = {};
  private final double[] blockWeights = new double[BLOCK];
  private int size;
  private int blocks;
  private float max;
  private double perTemperature;

  int size() {
    return size;
  }

  int blocks() {
    return blocks;
  }

  float value(int i) {
    return values[i];
  }

  float blockMax(int block) {
    return blockMax[block];
  }

  float max() {
    return max;
  }

  int blockEnd(int block) {
    return Math.min(size, (block + 1) * BLOCK);
  }

  void load(float[] logits, int offset, int length) {
    if (length > MAX_SIZE) {
      throw new IllegalArgumentException("row of " + length + " logits, at most " + MAX_SIZE);
    }
    if (values.length < length) {
      values = new float[length];
      blockMax = new float[(length + BLOCK - 1) / BLOCK];
      blockQuanta = new long[blockMax.length];
    }
    System.arraycopy(logits, offset, values, 0, length);
    size = length;
    blocks = (length + BLOCK - 1) / BLOCK;
  }

  /** Penalties, then bias; the results of each are float32 again. */
  void adjust(SamplingParams params, TokenHistory history) {
    params.checkVocabulary(size);
    if (params.usesHistory()) {
      penalise(params, history);
    }
    params.logitBias().values().forEach((id, bias) -> values[id] += bias);
  }

  /**
   * Leaves only the tokens of a set. Where none of them has a logit above -infinity they are alike.
   */
  void keepOnly(TokenSet allowed) {
    float best = Float.NEGATIVE_INFINITY;
    for (int from = 0; from < size; from += Long.SIZE) {
      int to = Math.min(size, from + Long.SIZE);
      long kept = allowed.block(from / Long.SIZE);
      if (kept == 0) {
        Arrays.fill(values, from, to, Float.NEGATIVE_INFINITY);
        continue;
      }
      // From one token that goes to the next: no branch on a token, which could not be predicted.
      for (long left = ~kept & -1L >>> (Long.SIZE - (to - from)); left != 0; left &= left - 1) {
        values[from + Long.numberOfTrailingZeros(left)] = Float.NEGATIVE_INFINITY;
      }
      best = Math.max(best, maxOf(values, from, to));
    }
    for (int i = 0; best == Float.NEGATIVE_INFINITY && i < size; i++) {
      if (allowed.contains(i)) {
        values[i] = 0;
      }
    }
  }

  private void penalise(SamplingParams params, TokenHistory history) {
    if (history.vocabSize() > size) {
      throw new IllegalArgumentException(
          "history of a vocabulary of " + history.vocabSize() + ", row of " + size);
    }
    double repetition = params.repetitionPenalty();
    for (int i = 0; i < history.distinct(); i++) {
      int id = history.id(i);
      double value = values[id];
      value = value < 0 ? value * repetition : value / repetition;
      int count = history.outputCount(i);
      if (count > 0) {
        value -= params.presencePenalty() + params.frequencyPenalty() * count;
      }
      values[id] = (float) value;
    }
  }

  /**
   * Finds the maxima, after which tokens have weights. Where there are infinite logits they share
   * all probability: the limit of large finite ones. Fails if one is NaN or all are -infinity.
   */
  void findMax(double temperature) {
    perTemperature = 1 / temperature;
    max = maxOfBlocks();
    if (max == Float.POSITIVE_INFINITY) {
      for (int i = 0; i < size; i++) {
        values[i] = values[i] == max ? 0 : Float.NEGATIVE_INFINITY;
      }
      max = maxOfBlocks();
    }
  }

  private float maxOfBlocks() {
    float best = Float.NEGATIVE_INFINITY;
    for (int b = 0; b < blocks; b++) {
      blockMax[b] = maxOf(values, b * BLOCK, blockEnd(b));
      best = Math.max(best, blockMax[b]);
    }
    checkMax(best, values, 0, size);
    return best;
  }

  /** NaN where any value is NaN. */
  private static float maxOf(float[] values, int from, int to) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = Math.max(max, values[i]);
    }
    return max;
  }

  private static void checkMax(float max, float[] values, int offset, int length) {
    if (Float.isNaN(max)) {
      int at = 0;
      while (!Float.isNaN(values[offset + at])) {
        at++;
      }
      throw SamplingErrors.nanLogit(at, length);
    }
    if (max == Float.NEGATIVE_INFINITY) {
      throw SamplingErrors.nothingToSample(length);
    }
  }

  /** The lowest id among the largest logits, without a copy; fails as {@link #findMax}. */
  static int argmax(float[] logits, int offset, int length) {
    float best = Float.NEGATIVE_INFINITY;
    int bestFrom = 0;
    for (int from = offset; from < offset + length; from += BLOCK) {
      float max = maxOf(logits, from, Math.min(offset + length, from + BLOCK));
      if (!(max <= best)) {
        checkMax(max, logits, offset, length);
        best = max;
        bestFrom = from;
      }
    }
    checkMax(best, logits, offset, length);
    int at = bestFrom;
    while (logits[at] != best) {
      at++;
    }
    return at - offset;
  }

  int argmax() {
    return argmax(values, 0, size);
  }

  /** The exponent of a value's weight, in the range of {@link Exp}. */
  double exponent(double value) {
    return Math.max((value - max) * perTemperature, Exp.LOWEST);
  }

  /** A value that every token of at least this weight reaches. */
  float boundOfWeight(double weight) {
    double bound = max + StrictMath.log(weight) / perTemperature;
    return (float) (bound - SLACK * (1 + Math.abs(bound)));
  }

  static long quanta(double weight) {
    return (long) (rounded(weight) * QUANTA);
  }

  /** The sum of weights that so many quanta stand for. */
  static double mass(long quanta) {
    return quanta / QUANTA;
  }

  private static double rounded(double weight) {
    return (weight + ROUNDING) - ROUNDING;
  }

  /** The sum of all weights, in quanta. Leaves the blocks' sums for {@link #draw}. */
  long totalQuanta() {
    long total = 0;
    for (int b = 0; b < blocks; b++) {
      blockQuanta[b] = exponent(blockMax[b]) < WEIGHTLESS ? 0 : weighBlock(b);
      total += blockQuanta[b];
    }
    return total;
  }

  private long weighBlock(int block) {
    int from = block * BLOCK;
    int n = blockEnd(block) - from;
    // One loop for the conversion, which the compiler leaves scalar, so that it vectorises the
    // next.
    for (int i = 0; i < n; i++) {
      blockWeights[i] = values[from + i];
    }
    for (int i = 0; i < n; i++) {
      blockWeights[i] = exponent(blockWeights[i]);
    }
    Exp.exp(blockWeights, n);
    // The sums of a block are exact in double too: at most 256 = 2^8 in steps of 2^-43. Four of
    // them, so that each addition need not wait for the last.
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    Arrays.fill(blockWeights, n, BLOCK, 0);
    for (int i = 0; i < BLOCK; i += 4) {
      sum0 += rounded(blockWeights[i]);
      sum1 += rounded(blockWeights[i + 1]);
      sum2 += rounded(blockWeights[i + 2]);
      sum3 += rounded(blockWeights[i + 3]);
    }
    return (long) ((sum0 + sum1 + sum2 + sum3) * QUANTA);
  }

  /** The token in whose share, by id, a target below the {@link #totalQuanta} just taken falls. */
  int draw(long target) {
    int block = 0;
    long left = target;
    while (left >= blockQuanta[block]) {
      left -= blockQuanta[block++];
    }
    weighBlock(block);
    int i = 0;
    for (long q = quanta(blockWeights[0]); left >= q; q = quanta(blockWeights[i])) {
      left -= q;
      i++;
    }
    return block * BLOCK + i;
  }

  /** Zero where the weight only stands for the lowest exponent. */
  double probability(float value, double weight, double mass) {
    return exponent(value) > Exp.LOWEST ? weight / mass : 0;
  }

  /** Writes weight / mass of every token. */
  void probabilities(double mass, double[] out) {
    for (int b = 0; b < blocks; b++) {
      weighBlock(b);
      for (int i = b * BLOCK; i < blockEnd(b); i++) {
        out[i] = probability(values[i], blockWeights[i - b * BLOCK], mass);
      }
    }
  }
}

package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.TokenWeights;
import java.nio.ByteBuffer;

/**
 * Lists of tokens with their logits, one of each row that is weighed: sample.cu's SampleWeights.
 */
final class TokenLists {
  private static final int MOST_TOKENS = 1024;
  private static final int QUANTA_AT = 0;
  private static final int MAX_AT = 8;
  private static final int CHOSEN_AT = 12;
  private static final int COUNT_AT = 16;
  private static final int IDS_AT = 24;
  private static final int VALUES_AT = IDS_AT + Integer.BYTES * MOST_TOKENS;
  private static final int BYTES = VALUES_AT + Float.BYTES * MOST_TOKENS;

  private TokenLists() {}

  /** Whether a row is weighed and a list has room for all tokens of its least probability. */
  static boolean holds(SampleRow row) {
    // Probabilities of all tokens sum to 1, but for a rounding error.
    return row.isWeighed() && row.leastProbability() * (MOST_TOKENS - 1) >= 1;
  }

  /** Bytes of so many lists, and so where the next one is. */
  static long bytes(int lists) {
    return (long) BYTES * lists;
  }

  /** What a list tells; null of a row that has no usable logits. */
  static TokenWeights read(ByteBuffer lists, int list) {
    int at = BYTES * list;
    int count = lists.getInt(at + COUNT_AT);
    if (count < 0) {
      return null;
    }
    int[] ids = new int[count];
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      ids[i] = lists.getInt(at + IDS_AT + Integer.BYTES * i);
      values[i] = lists.getFloat(at + VALUES_AT + Float.BYTES * i);
    }
    return Sampler.weights(
        ids,
        values,
        lists.getFloat(at + MAX_AT),
        lists.getLong(at + QUANTA_AT),
        lists.getFloat(at + CHOSEN_AT));
  }
}

package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.model.ModelConfig;
import java.util.Arrays;

/**
 * Keys and values of one layer, by block, on the heap and only for blocks that were ever used. Keys
 * are [kvHeads][headDim][blockTokens], values [kvHeads][blockTokens][headDim]: either way a block
 * is a panel that {@link Kernels#multiply} takes as it is. Each array is a panel's width longer
 * than that, so that a tile may read past the end of a narrow panel.
 */
final class KvStore {
  private final float[][] keys;
  private final float[][] values;
  private final int kvHeads;
  private final int headDim;
  private final int blockTokens;

  KvStore(ModelConfig config, int blocks, int blockTokens) {
    keys = new float[blocks][];
    values = new float[blocks][];
    kvHeads = config.kvHeads();
    headDim = config.headDim();
    this.blockTokens = blockTokens;
  }

  /**
   * Makes a block ready for its first token. Values that no token has written yet are multiplied by
   * a probability of zero, so they must be finite whatever the block held before.
   */
  void open(int block) {
    if (keys[block] == null) {
      int floats = kvHeads * headDim * blockTokens + Kernels.PANEL_ROWS;
      keys[block] = new float[floats];
      values[block] = new float[floats];
    } else {
      Arrays.fill(values[block], 0);
    }
  }

  /** Stores one token's keys [kvHeads * headDim] and values, likewise. */
  void write(int block, int slot, float[] source, int keyOffset, int valueOffset) {
    float[] k = keys[block];
    for (int i = 0; i < kvHeads * headDim; i++) {
      k[i * blockTokens + slot] = source[keyOffset + i];
    }
    for (int h = 0; h < kvHeads; h++) {
      System.arraycopy(
          source,
          valueOffset + h * headDim,
          values[block],
          (h * blockTokens + slot) * headDim,
          headDim);
    }
  }

  float[] keys(int block) {
    return keys[block];
  }

  float[] values(int block) {
    return values[block];
  }

  /** Offset of a head's panel in {@link #keys} and in {@link #values}. */
  int headOffset(int kvHead) {
    return kvHead * headDim * blockTokens;
  }
}

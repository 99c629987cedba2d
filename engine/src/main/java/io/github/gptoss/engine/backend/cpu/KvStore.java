package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.model.ModelConfig;
import java.util.Arrays;

/**
 * Keys and values of one layer, by block, on the heap and only for blocks that were ever used. Both
 * are panels that {@link Kernels#multiply} takes as they are: keys [kvHeads][blockTokens /
 * 32][headDim][32], with a token in each row of a panel, values [kvHeads][headDim /
 * 32][blockTokens][32], with a dimension in each. What does not divide by 32 is rounded up.
 */
final class KvStore {
  private static final int PANEL = Kernels.PANEL_ROWS;

  private final float[][] keys;
  private final float[][] values;
  private final int kvHeads;
  private final int headDim;
  private final int blockTokens;
  private final int keyPanels; // of a head
  private final int valuePanels; // of a head

  KvStore(ModelConfig config, int blocks, int blockTokens) {
    keys = new float[blocks][];
    values = new float[blocks][];
    kvHeads = config.kvHeads();
    headDim = config.headDim();
    this.blockTokens = blockTokens;
    keyPanels = Kernels.panels(blockTokens);
    valuePanels = Kernels.panels(headDim);
  }

  /**
   * Makes a block ready for its first token. Values that no token has written yet are multiplied by
   * a probability of zero, so they must be finite whatever the block held before.
   */
  void open(int block) {
    if (keys[block] == null) {
      keys[block] = new float[kvHeads * keyPanels * headDim * PANEL];
      values[block] = new float[kvHeads * valuePanels * blockTokens * PANEL];
    } else {
      Arrays.fill(values[block], 0);
    }
  }

  /** Stores one token's keys [kvHeads * headDim] and values, likewise. */
  void write(int block, int slot, float[] source, int keyFrom, int valueFrom) {
    float[] k = keys[block];
    float[] v = values[block];
    for (int h = 0; h < kvHeads; h++) {
      int from = h * headDim;
      int to = keyOffset(h, slot / PANEL) + slot % PANEL;
      for (int d = 0; d < headDim; d++) {
        k[to + d * PANEL] = source[keyFrom + from + d];
      }
      for (int p = 0; p < valuePanels; p++) {
        int d = p * PANEL;
        int n = Math.min(PANEL, headDim - d);
        System.arraycopy(source, valueFrom + from + d, v, valueOffset(h, p) + slot * PANEL, n);
      }
    }
  }

  float[] keys(int block) {
    return keys[block];
  }

  float[] values(int block) {
    return values[block];
  }

  /** Where in {@link #keys} a panel of a head begins. */
  int keyOffset(int kvHead, int panel) {
    return (kvHead * keyPanels + panel) * headDim * PANEL;
  }

  /** Where in {@link #values} a panel of a head begins. */
  int valueOffset(int kvHead, int panel) {
    return (kvHead * valuePanels + panel) * blockTokens * PANEL;
  }
}

package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import java.util.Arrays;

/**
 * Attention of a few consecutive queries of one sequence, all heads that share one key head, over
 * the sequence's blocks. A block of keys is a matrix panel whose rows are keys, and queries times
 * heads are its tokens; a block of values likewise with dimensions as rows. Each query's sums run
 * over its own keys in ascending order, so what it is computed together with does not matter. One
 * per thread.
 */
final class Attention {
  /** Scores held at a time, which decides how many queries share a pass over the keys. */
  private static final int SCORES = 1 << 17;

  private static final int MOST_QUERIES = 16;

  private final ModelConfig config;
  private final Kernels kernels;
  private final int group; // heads a key head serves
  private final int valueStride; // headDim rounded up to whole panels

  private float[] scores = new float[0];
  private float[] sums = new float[0];
  private int[] rowOffsets = new int[0];
  private final float[] attended;

  Attention(ModelConfig config, Kernels kernels) {
    this.config = config;
    this.kernels = kernels;
    group = config.heads() / config.kvHeads();
    valueStride = Kernels.panels(config.headDim()) * Kernels.PANEL_ROWS;
    attended = new float[MOST_QUERIES * group * valueStride];
  }

  /** How many queries one call may take whose last one sees {@code keys} keys. */
  static int queries(ModelConfig config, int keys) {
    int group = config.heads() / config.kvHeads();
    return Math.max(1, Math.min(MOST_QUERIES, SCORES / (group * Math.max(1, keys))));
  }

  /**
   * @param s the sequence's index in the step
   * @param firstRow first of the queries' rows
   * @param count queries
   * @param q [T, heads * headDim], scaled by 1 / sqrt(headDim)
   * @param out [T, heads * headDim]
   */
  void attend(
      CpuLayer layer,
      KvStore kv,
      Step step,
      int s,
      int firstRow,
      int count,
      int kvHead,
      float[] q,
      float[] out) {
    int headDim = config.headDim();
    int blockTokens = step.blockTokens();
    boolean window = layer.attention() == AttentionKind.WINDOW;
    int firstPosition = step.positions()[firstRow];
    int endKey = firstPosition + count;
    int firstKey = window ? Math.max(0, firstPosition - config.slidingWindow() + 1) : 0;
    int firstBlock = firstKey / blockTokens;
    int blocks = (endKey - 1) / blockTokens - firstBlock + 1;
    int rows = count * group;
    // A tile writes whole panels: past the last block it may spill, but not into the next row.
    int stride = blocks * blockTokens + Kernels.PANEL_ROWS;
    reserve(rows, stride);

    int width = config.queryWidth();
    for (int r = 0; r < rows; r++) {
      rowOffsets[r] = (firstRow + r / group) * width + (kvHead * group + r % group) * headDim;
    }
    for (int b = 0; b < blocks; b++) {
      float[] keys = kv.keys(step.block(s, (firstBlock + b) * blockTokens, window));
      for (int c = 0; c < blockTokens; c += Kernels.PANEL_ROWS) {
        kernels.multiply(
            keys,
            kv.keyOffset(kvHead, c / Kernels.PANEL_ROWS),
            headDim,
            q,
            rowOffsets,
            0,
            0,
            rows,
            scores,
            b * blockTokens + c,
            stride,
            false);
      }
    }
    for (int r = 0; r < rows; r++) {
      int position = firstPosition + r / group;
      int from = window ? Math.max(0, position - config.slidingWindow() + 1) : 0;
      sums[r] =
          softmax(
              r * stride,
              from - firstBlock * blockTokens,
              position + 1 - firstBlock * blockTokens,
              blocks * blockTokens,
              layer.sinks()[kvHead * group + r % group]);
    }
    for (int r = 0; r < rows; r++) {
      rowOffsets[r] = r * stride;
    }
    for (int b = 0; b < blocks; b++) {
      float[] values = kv.values(step.block(s, (firstBlock + b) * blockTokens, window));
      for (int d = 0; d < headDim; d += Kernels.PANEL_ROWS) {
        kernels.multiply(
            values,
            kv.valueOffset(kvHead, d / Kernels.PANEL_ROWS),
            blockTokens,
            scores,
            rowOffsets,
            0,
            b * blockTokens,
            rows,
            attended,
            d,
            valueStride,
            b > 0);
      }
    }
    for (int r = 0; r < rows; r++) {
      int o = (firstRow + r / group) * width + (kvHead * group + r % group) * headDim;
      float inverse = 1f / sums[r];
      for (int d = 0; d < headDim; d++) {
        out[o + d] = attended[r * valueStride + d] * inverse;
      }
    }
  }

  /** Turns scores [from, to) of a row into weights, all others into 0; returns their sum. */
  private float softmax(int row, int from, int to, int columns, float sink) {
    float max = Math.max(sink, kernels.max(scores, row + from, to - from));
    float sum = kernels.expAndSum(scores, row + from, to - from, max) + ScalarMath.exp(sink - max);
    Arrays.fill(scores, row, row + from, 0);
    Arrays.fill(scores, row + to, row + columns, 0);
    return sum;
  }

  private void reserve(int rows, int stride) {
    if (scores.length < rows * stride) {
      scores = new float[rows * stride];
    }
    if (sums.length < rows) {
      sums = new float[rows];
      rowOffsets = new int[rows];
    }
  }
}

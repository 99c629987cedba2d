package io.github.gptoss.engine.backend.cpu;

import java.util.Arrays;

/**
 * Multiplies activations by a few panels of a packed matrix at a time, choosing between the kernels
 * by the number of rows; the choice never changes a bit. One per thread.
 */
final class Multiplier {
  /** Columns decoded at a time: 16 KiB of float32, which stay in the first-level cache. */
  private static final int COLUMNS = PackedMatrix.GROUP;

  private final Kernels kernels;
  private final float[] panel = new float[COLUMNS * Kernels.PANEL_ROWS];
  private final float[] panelScratch = new float[Kernels.PANEL_ROWS];
  private float[] out = new float[0];

  Multiplier(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Multiplies consecutive panels by activations that lie in tiles from {@code xOffset}, see {@link
   * TiledRows}; returns [panels, tokens, 32], valid until the next call. The panels take turns, a
   * group of columns each: a core reads two places of memory at once faster than one after the
   * other.
   */
  float[] multiply(PackedMatrix matrix, int first, int panels, float[] x, int xOffset, int tokens) {
    int size = tokens * Kernels.PANEL_ROWS;
    if (out.length < panels * size) {
      out = new float[panels * size];
    }
    Arrays.fill(out, 0, panels * size, 0);
    for (int k = 0; k < matrix.columns(); k += COLUMNS) {
      int columns = Math.min(COLUMNS, matrix.columns() - k);
      for (int i = 0; i < panels; i++) {
        int p = first + i;
        int o = i * size;
        if (kernels.multipliesPacked(matrix, p, tokens)) {
          kernels.multiplyPacked(matrix, p, k, columns, x, xOffset, tokens, out, o);
          continue;
        }
        kernels.decode(matrix, p, k, k + columns, panel);
        kernels.multiplyTiled(panel, k, columns, matrix.columns(), x, xOffset, tokens, out, o);
      }
    }
    return out;
  }

  /** 32 floats for the caller's own use between two multiplications. */
  float[] panelScratch() {
    return panelScratch;
  }
}

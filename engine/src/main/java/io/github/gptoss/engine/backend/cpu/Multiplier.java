package io.github.gptoss.engine.backend.cpu;

/**
 * Multiplies activations by one panel of a packed matrix at a time, choosing between the kernels by
 * the number of rows; the choice never changes a bit. One per thread.
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
   * Multiplies one panel by activations, row t at {@code xOffsets[xFrom + t]}; returns [tokens,
   * 32], valid until the next call.
   */
  float[] multiply(PackedMatrix matrix, int p, float[] x, int[] xOffsets, int xFrom, int tokens) {
    if (out.length < tokens * Kernels.PANEL_ROWS) {
      out = new float[tokens * Kernels.PANEL_ROWS];
    }
    if (kernels.multipliesPacked(matrix, p, tokens)) {
      kernels.multiplyPacked(matrix, p, x, xOffsets, xFrom, tokens, out);
      return out;
    }
    for (int k = 0; k < matrix.columns(); k += COLUMNS) {
      int to = Math.min(matrix.columns(), k + COLUMNS);
      kernels.decode(matrix, p, k, to, panel);
      kernels.multiply(
          panel,
          0,
          Kernels.PANEL_ROWS,
          to - k,
          x,
          xOffsets,
          xFrom,
          k,
          tokens,
          out,
          0,
          Kernels.PANEL_ROWS,
          k > 0);
    }
    return out;
  }

  /** 32 floats for the caller's own use between two multiplications. */
  float[] panelScratch() {
    return panelScratch;
  }
}

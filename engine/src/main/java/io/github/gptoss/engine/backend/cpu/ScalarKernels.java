package io.github.gptoss.engine.backend.cpu;

import java.util.Arrays;

/** Plain Java kernels, and the readable statement of what {@link VectorKernels} computes. */
final class ScalarKernels implements Kernels {
  @Override
  public String description() {
    return "scalar";
  }

  @Override
  public void decode(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    int rows = matrix.panelRows(panel);
    for (int k = kFrom; k < kTo; k++) {
      int o = (k - kFrom) * PANEL_ROWS;
      for (int r = 0; r < PANEL_ROWS; r++) {
        out[o + r] = r < rows ? matrix.value(panel, r, k) : 0;
      }
    }
  }

  @Override
  public void multiplyTiled(
      float[] panel,
      int k,
      int columns,
      int allColumns,
      float[] x,
      int xOffset,
      int tokens,
      float[] out,
      int outOffset) {
    int[] rows = new int[tokens]; // tiles of one row each
    Arrays.setAll(rows, t -> xOffset + t * allColumns);
    multiply(panel, 0, columns, x, rows, 0, k, tokens, out, outOffset, PANEL_ROWS, true);
  }

  @Override
  public void multiply(
      float[] panel,
      int panelOffset,
      int columns,
      float[] x,
      int[] xOffsets,
      int xFrom,
      int xShift,
      int tokens,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate) {
    float[] sums = new float[PANEL_ROWS];
    for (int t = 0; t < tokens; t++) {
      int o = outOffset + t * outStride;
      for (int r = 0; r < PANEL_ROWS; r++) {
        sums[r] = accumulate ? out[o + r] : 0;
      }
      int row = xOffsets[xFrom + t] + xShift;
      for (int k = 0; k < columns; k++) {
        float a = x[row + k];
        int p = panelOffset + k * PANEL_ROWS;
        for (int r = 0; r < PANEL_ROWS; r++) {
          sums[r] = Math.fma(a, panel[p + r], sums[r]);
        }
      }
      System.arraycopy(sums, 0, out, o, PANEL_ROWS);
    }
  }

  @Override
  public float sumOfSquares(float[] x, int offset, int n) {
    float[] partial = new float[PARTIAL_SUMS];
    for (int i = 0; i < n; i++) {
      int j = i % PARTIAL_SUMS;
      partial[j] = Math.fma(x[offset + i], x[offset + i], partial[j]);
    }
    return ScalarMath.addPairwise(partial);
  }

  @Override
  public void scale(
      float[] x, int xOffset, float factor, float[] weight, float[] out, int outOffset, int n) {
    for (int i = 0; i < n; i++) {
      out[outOffset + i] = x[xOffset + i] * factor * weight[i];
    }
  }

  @Override
  public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
    for (int i = 0; i < n; i++) {
      x[xOffset + i] += y[yOffset + i];
    }
  }

  @Override
  public void addScaled(float[] x, int xOffset, float factor, float[] y, int yOffset, int n) {
    for (int i = 0; i < n; i++) {
      x[xOffset + i] = Math.fma(factor, y[yOffset + i], x[xOffset + i]);
    }
  }

  @Override
  public float max(float[] x, int offset, int n) {
    float max = x[offset];
    for (int i = 1; i < n; i++) {
      max = Math.max(max, x[offset + i]);
    }
    return max;
  }

  @Override
  public float expAndSum(float[] x, int offset, int n, float max) {
    float[] partial = new float[PARTIAL_SUMS];
    for (int i = 0; i < n; i++) {
      float e = ScalarMath.exp(x[offset + i] - max);
      x[offset + i] = e;
      partial[i % PARTIAL_SUMS] += e;
    }
    return ScalarMath.addPairwise(partial);
  }

  @Override
  public void swiglu(float[] in, int inOffset, float limit, float[] out, int outOffset, int n) {
    for (int i = 0; i < n; i++) {
      out[outOffset + i] =
          ScalarMath.swiglu(in[inOffset + i], in[inOffset + PANEL_ROWS / 2 + i], limit);
    }
  }
}

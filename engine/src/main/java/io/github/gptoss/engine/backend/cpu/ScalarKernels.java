package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.tensor.HalfFloat;
import java.nio.ByteBuffer;

/** Plain Java kernels, and the readable statement of what {@link VectorKernels} computes. */
final class ScalarKernels implements Kernels {
  /** Twice the value of a packed code, so that all are integers; the scale makes up for it. */
  private static final float[] TWICE_VALUE = {-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12};

  @Override
  public String description() {
    return "scalar";
  }

  @Override
  public void decode(
      PackedMatrix matrix, int panel, int kFrom, int kTo, float[] scratch, float[] out) {
    decodePanel(matrix, panel, kFrom, kTo, out);
  }

  static void decodePanel(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    int rows = matrix.panelRows(panel);
    ByteBuffer codes = matrix.codes();
    int base = matrix.panelOffset(panel);
    for (int k = kFrom; k < kTo; k++) {
      int o = (k - kFrom) * PANEL_ROWS;
      for (int r = 0; r < rows; r++) {
        out[o + r] =
            switch (matrix.format()) {
              case MXFP4 -> {
                int word = codes.getInt(base + (k / 8 * rows + r) * Integer.BYTES);
                int code = (word >>> (4 * (k % 8))) & 0xF;
                int exponent =
                    matrix.scales().get(matrix.panelScalesOffset(panel) + (k / 32) * rows + r)
                        & 0xFF;
                yield TWICE_VALUE[code] * Math.scalb(1f, exponent - 128);
              }
              case BF16 ->
                  Float.intBitsToFloat(codes.getShort(base + (k * rows + r) * Short.BYTES) << 16);
              case F16 -> HalfFloat.toFloat(codes.getShort(base + (k * rows + r) * Short.BYTES));
              case F32 -> codes.getFloat(base + (k * rows + r) * Float.BYTES);
            };
      }
      for (int r = rows; r < PANEL_ROWS; r++) {
        out[o + r] = 0;
      }
    }
  }

  @Override
  public void multiply(
      float[] panel,
      int panelOffset,
      int panelStride,
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
        int p = panelOffset + k * panelStride;
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

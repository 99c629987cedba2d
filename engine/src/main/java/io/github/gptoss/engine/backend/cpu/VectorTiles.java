package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.WIDE;

import jdk.incubator.vector.FloatVector;

/**
 * A float32 panel times a tile of tokens for {@link VectorKernels}. Tiles are written out by hand,
 * one method a width, because the JIT keeps accumulators in registers only if each is a local
 * variable of a flat loop.
 */
final class VectorTiles {
  private VectorTiles() {}

  /**
   * How many of the tokens that are left the next tile takes: wide tiles load a weight for more
   * tokens, and below four a tile waits for its own additions; with 16 registers, not 32, a tile
   * wider than four would spill.
   */
  static int tileWidth(int left) {
    if (!WIDE) {
      return Math.min(left, 4);
    }
    return left >= 12 || left == 8 ? 8 : left > 8 ? (left + 1) / 2 : left == 7 ? 4 : left;
  }

  /** As {@link Kernels#multiply}. */
  static void multiply(
      float[] panel,
      int panelOffset,
      int stride,
      int columns,
      float[] x,
      int[] xo,
      int xf,
      int xShift,
      int tokens,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate) {
    for (int row = 0; row < PANEL_ROWS; row += 2 * LANES) {
      int p = panelOffset + row;
      for (int t = 0, width; t < tokens; t += width) {
        width = tileWidth(tokens - t);
        int o = outOffset + t * outStride + row;
        switch (width) {
          case 8 ->
              WideVectorTiles.tile8(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 6 ->
              WideVectorTiles.tile6(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 5 ->
              WideVectorTiles.tile5(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 4 ->
              tile4(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 3 ->
              tile3(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 2 ->
              tile2(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          default -> tile1(panel, p, stride, columns, x, xo, xf + t, xShift, out, o, accumulate);
        }
      }
    }
  }

  static FloatVector start(float[] out, int offset, boolean accumulate) {
    return accumulate ? FloatVector.fromArray(F, out, offset) : FloatVector.zero(F);
  }

  private static void tile4(
      float[] panel,
      int panelOffset,
      int panelStride,
      int columns,
      float[] x,
      int[] xo,
      int xf,
      int xShift,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate) {
    int x0 = xo[xf] + xShift;
    int x1 = xo[xf + 1] + xShift;
    int x2 = xo[xf + 2] + xShift;
    int x3 = xo[xf + 3] + xShift;
    int o0 = outOffset;
    int o1 = outOffset + 1 * outStride;
    int o2 = outOffset + 2 * outStride;
    int o3 = outOffset + 3 * outStride;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    FloatVector a1 = start(out, o1, accumulate);
    FloatVector b1 = start(out, o1 + LANES, accumulate);
    FloatVector a2 = start(out, o2, accumulate);
    FloatVector b2 = start(out, o2 + LANES, accumulate);
    FloatVector a3 = start(out, o3, accumulate);
    FloatVector b3 = start(out, o3 + LANES, accumulate);
    for (int k = 0, p = panelOffset; k < columns; k++, p += panelStride) {
      FloatVector w0 = FloatVector.fromArray(F, panel, p);
      FloatVector w1 = FloatVector.fromArray(F, panel, p + LANES);
      FloatVector v0 = FloatVector.broadcast(F, x[x0 + k]);
      a0 = v0.fma(w0, a0);
      b0 = v0.fma(w1, b0);
      FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
      a1 = v1.fma(w0, a1);
      b1 = v1.fma(w1, b1);
      FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
      a2 = v2.fma(w0, a2);
      b2 = v2.fma(w1, b2);
      FloatVector v3 = FloatVector.broadcast(F, x[x3 + k]);
      a3 = v3.fma(w0, a3);
      b3 = v3.fma(w1, b3);
    }
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
    a3.intoArray(out, o3);
    b3.intoArray(out, o3 + LANES);
  }

  private static void tile3(
      float[] panel,
      int panelOffset,
      int panelStride,
      int columns,
      float[] x,
      int[] xo,
      int xf,
      int xShift,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate) {
    int x0 = xo[xf] + xShift;
    int x1 = xo[xf + 1] + xShift;
    int x2 = xo[xf + 2] + xShift;
    int o0 = outOffset;
    int o1 = outOffset + 1 * outStride;
    int o2 = outOffset + 2 * outStride;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    FloatVector a1 = start(out, o1, accumulate);
    FloatVector b1 = start(out, o1 + LANES, accumulate);
    FloatVector a2 = start(out, o2, accumulate);
    FloatVector b2 = start(out, o2 + LANES, accumulate);
    for (int k = 0, p = panelOffset; k < columns; k++, p += panelStride) {
      FloatVector w0 = FloatVector.fromArray(F, panel, p);
      FloatVector w1 = FloatVector.fromArray(F, panel, p + LANES);
      FloatVector v0 = FloatVector.broadcast(F, x[x0 + k]);
      a0 = v0.fma(w0, a0);
      b0 = v0.fma(w1, b0);
      FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
      a1 = v1.fma(w0, a1);
      b1 = v1.fma(w1, b1);
      FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
      a2 = v2.fma(w0, a2);
      b2 = v2.fma(w1, b2);
    }
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
  }

  private static void tile2(
      float[] panel,
      int panelOffset,
      int panelStride,
      int columns,
      float[] x,
      int[] xo,
      int xf,
      int xShift,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate) {
    int x0 = xo[xf] + xShift;
    int x1 = xo[xf + 1] + xShift;
    int o0 = outOffset;
    int o1 = outOffset + 1 * outStride;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    FloatVector a1 = start(out, o1, accumulate);
    FloatVector b1 = start(out, o1 + LANES, accumulate);
    for (int k = 0, p = panelOffset; k < columns; k++, p += panelStride) {
      FloatVector w0 = FloatVector.fromArray(F, panel, p);
      FloatVector w1 = FloatVector.fromArray(F, panel, p + LANES);
      FloatVector v0 = FloatVector.broadcast(F, x[x0 + k]);
      a0 = v0.fma(w0, a0);
      b0 = v0.fma(w1, b0);
      FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
      a1 = v1.fma(w0, a1);
      b1 = v1.fma(w1, b1);
    }
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
  }

  private static void tile1(
      float[] panel,
      int panelOffset,
      int panelStride,
      int columns,
      float[] x,
      int[] xo,
      int xf,
      int xShift,
      float[] out,
      int outOffset,
      boolean accumulate) {
    int x0 = xo[xf] + xShift;
    int o0 = outOffset;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    for (int k = 0, p = panelOffset; k < columns; k++, p += panelStride) {
      FloatVector w0 = FloatVector.fromArray(F, panel, p);
      FloatVector w1 = FloatVector.fromArray(F, panel, p + LANES);
      FloatVector v0 = FloatVector.broadcast(F, x[x0 + k]);
      a0 = v0.fma(w0, a0);
      b0 = v0.fma(w1, b0);
    }
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
  }
}

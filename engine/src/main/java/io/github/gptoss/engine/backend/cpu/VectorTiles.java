package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.WIDE;

import jdk.incubator.vector.FloatVector;

/**
 * A float32 panel times a tile of tokens for {@link VectorKernels}. The tiles themselves, one
 * unrolled method a width, are generated: see src/main/generator.
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
              FloatTiles.tile8(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 6 ->
              FloatTiles.tile6(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 5 ->
              FloatTiles.tile5(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 4 ->
              FloatTiles.tile4(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 3 ->
              FloatTiles.tile3(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          case 2 ->
              FloatTiles.tile2(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
          default ->
              FloatTiles.tile1(
                  panel, p, stride, columns, x, xo, xf + t, xShift, out, o, outStride, accumulate);
        }
      }
    }
  }

  static FloatVector start(float[] out, int offset, boolean accumulate) {
    return accumulate ? FloatVector.fromArray(F, out, offset) : FloatVector.zero(F);
  }
}

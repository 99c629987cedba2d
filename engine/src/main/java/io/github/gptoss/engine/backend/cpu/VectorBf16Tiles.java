package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;

/**
 * A bf16 panel, decoded in registers, times a tile of tokens for {@link VectorKernels}; generated
 * as those of {@link VectorTiles} are.
 */
final class VectorBf16Tiles {
  private VectorBf16Tiles() {}

  /** As {@link Kernels#multiplyPacked}. */
  static void multiply(
      PackedMatrix matrix, int panel, float[] x, int[] xo, int xf, int tokens, float[] out) {
    for (int row = 0; row < PANEL_ROWS; row += 2 * LANES) {
      int c = matrix.panelOffset(panel) + row * Short.BYTES;
      for (int t = 0, width; t < tokens; t += width) {
        width = VectorTiles.tileWidth(tokens - t);
        int o = t * PANEL_ROWS + row;
        switch (width) {
          case 8 -> Bf16Tiles.tile8(matrix, c, x, xo, xf + t, out, o);
          case 6 -> Bf16Tiles.tile6(matrix, c, x, xo, xf + t, out, o);
          case 5 -> Bf16Tiles.tile5(matrix, c, x, xo, xf + t, out, o);
          case 4 -> Bf16Tiles.tile4(matrix, c, x, xo, xf + t, out, o);
          case 3 -> Bf16Tiles.tile3(matrix, c, x, xo, xf + t, out, o);
          case 2 -> Bf16Tiles.tile2(matrix, c, x, xo, xf + t, out, o);
          default -> Bf16Tiles.tile1(matrix, c, x, xo, xf + t, out, o);
        }
      }
    }
  }
}

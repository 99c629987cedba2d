package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.bf16;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * A bf16 panel, decoded in registers, times a tile of tokens for {@link VectorKernels}; written out
 * as {@link VectorTiles} are.
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
          case 8 -> WideVectorBf16Tiles.tile8(matrix, c, x, xo, xf + t, out, o);
          case 6 -> WideVectorBf16Tiles.tile6(matrix, c, x, xo, xf + t, out, o);
          case 5 -> WideVectorBf16Tiles.tile5(matrix, c, x, xo, xf + t, out, o);
          case 4 -> tile4(matrix, c, x, xo, xf + t, out, o);
          case 3 -> tile3(matrix, c, x, xo, xf + t, out, o);
          case 2 -> tile2(matrix, c, x, xo, xf + t, out, o);
          default -> tile1(matrix, c, x, xo, xf + t, out, o);
        }
      }
    }
  }

  private static void tile4(
      PackedMatrix matrix,
      int codesOffset,
      float[] x,
      int[] xo,
      int xf,
      float[] out,
      int outOffset) {
    ByteBuffer codes = matrix.codes();
    int columns = matrix.columns();
    int x0 = xo[xf];
    int x1 = xo[xf + 1];
    int x2 = xo[xf + 2];
    int x3 = xo[xf + 3];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector a2 = FloatVector.zero(F);
    FloatVector b2 = FloatVector.zero(F);
    FloatVector a3 = FloatVector.zero(F);
    FloatVector b3 = FloatVector.zero(F);
    for (int k = 0, c = codesOffset; k < columns; k++, c += PANEL_ROWS * Short.BYTES) {
      FloatVector w0 = bf16(codes, c);
      FloatVector w1 = bf16(codes, c + LANES * Short.BYTES);
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
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
    a3.intoArray(out, outOffset + 3 * PANEL_ROWS);
    b3.intoArray(out, outOffset + 3 * PANEL_ROWS + LANES);
  }

  private static void tile3(
      PackedMatrix matrix,
      int codesOffset,
      float[] x,
      int[] xo,
      int xf,
      float[] out,
      int outOffset) {
    ByteBuffer codes = matrix.codes();
    int columns = matrix.columns();
    int x0 = xo[xf];
    int x1 = xo[xf + 1];
    int x2 = xo[xf + 2];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector a2 = FloatVector.zero(F);
    FloatVector b2 = FloatVector.zero(F);
    for (int k = 0, c = codesOffset; k < columns; k++, c += PANEL_ROWS * Short.BYTES) {
      FloatVector w0 = bf16(codes, c);
      FloatVector w1 = bf16(codes, c + LANES * Short.BYTES);
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
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
  }

  private static void tile2(
      PackedMatrix matrix,
      int codesOffset,
      float[] x,
      int[] xo,
      int xf,
      float[] out,
      int outOffset) {
    ByteBuffer codes = matrix.codes();
    int columns = matrix.columns();
    int x0 = xo[xf];
    int x1 = xo[xf + 1];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    for (int k = 0, c = codesOffset; k < columns; k++, c += PANEL_ROWS * Short.BYTES) {
      FloatVector w0 = bf16(codes, c);
      FloatVector w1 = bf16(codes, c + LANES * Short.BYTES);
      FloatVector v0 = FloatVector.broadcast(F, x[x0 + k]);
      a0 = v0.fma(w0, a0);
      b0 = v0.fma(w1, b0);
      FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
      a1 = v1.fma(w0, a1);
      b1 = v1.fma(w1, b1);
    }
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
  }

  private static void tile1(
      PackedMatrix matrix,
      int codesOffset,
      float[] x,
      int[] xo,
      int xf,
      float[] out,
      int outOffset) {
    ByteBuffer codes = matrix.codes();
    int columns = matrix.columns();
    int x0 = xo[xf];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    for (int k = 0, c = codesOffset; k < columns; k++, c += PANEL_ROWS * Short.BYTES) {
      FloatVector w0 = bf16(codes, c);
      FloatVector w1 = bf16(codes, c + LANES * Short.BYTES);
      FloatVector v0 = FloatVector.broadcast(F, x[x0 + k]);
      a0 = v0.fma(w0, a0);
      b0 = v0.fma(w1, b0);
    }
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
  }
}

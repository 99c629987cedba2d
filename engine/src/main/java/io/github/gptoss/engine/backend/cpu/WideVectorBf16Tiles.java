package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.bf16;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** {@link VectorBf16Tiles} of more than four tokens, for machines with 32 vector registers. */
final class WideVectorBf16Tiles {
  private WideVectorBf16Tiles() {}

  static void tile8(
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
    int x4 = xo[xf + 4];
    int x5 = xo[xf + 5];
    int x6 = xo[xf + 6];
    int x7 = xo[xf + 7];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector a2 = FloatVector.zero(F);
    FloatVector b2 = FloatVector.zero(F);
    FloatVector a3 = FloatVector.zero(F);
    FloatVector b3 = FloatVector.zero(F);
    FloatVector a4 = FloatVector.zero(F);
    FloatVector b4 = FloatVector.zero(F);
    FloatVector a5 = FloatVector.zero(F);
    FloatVector b5 = FloatVector.zero(F);
    FloatVector a6 = FloatVector.zero(F);
    FloatVector b6 = FloatVector.zero(F);
    FloatVector a7 = FloatVector.zero(F);
    FloatVector b7 = FloatVector.zero(F);
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
      FloatVector v4 = FloatVector.broadcast(F, x[x4 + k]);
      a4 = v4.fma(w0, a4);
      b4 = v4.fma(w1, b4);
      FloatVector v5 = FloatVector.broadcast(F, x[x5 + k]);
      a5 = v5.fma(w0, a5);
      b5 = v5.fma(w1, b5);
      FloatVector v6 = FloatVector.broadcast(F, x[x6 + k]);
      a6 = v6.fma(w0, a6);
      b6 = v6.fma(w1, b6);
      FloatVector v7 = FloatVector.broadcast(F, x[x7 + k]);
      a7 = v7.fma(w0, a7);
      b7 = v7.fma(w1, b7);
    }
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
    a3.intoArray(out, outOffset + 3 * PANEL_ROWS);
    b3.intoArray(out, outOffset + 3 * PANEL_ROWS + LANES);
    a4.intoArray(out, outOffset + 4 * PANEL_ROWS);
    b4.intoArray(out, outOffset + 4 * PANEL_ROWS + LANES);
    a5.intoArray(out, outOffset + 5 * PANEL_ROWS);
    b5.intoArray(out, outOffset + 5 * PANEL_ROWS + LANES);
    a6.intoArray(out, outOffset + 6 * PANEL_ROWS);
    b6.intoArray(out, outOffset + 6 * PANEL_ROWS + LANES);
    a7.intoArray(out, outOffset + 7 * PANEL_ROWS);
    b7.intoArray(out, outOffset + 7 * PANEL_ROWS + LANES);
  }

  static void tile6(
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
    int x4 = xo[xf + 4];
    int x5 = xo[xf + 5];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector a2 = FloatVector.zero(F);
    FloatVector b2 = FloatVector.zero(F);
    FloatVector a3 = FloatVector.zero(F);
    FloatVector b3 = FloatVector.zero(F);
    FloatVector a4 = FloatVector.zero(F);
    FloatVector b4 = FloatVector.zero(F);
    FloatVector a5 = FloatVector.zero(F);
    FloatVector b5 = FloatVector.zero(F);
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
      FloatVector v4 = FloatVector.broadcast(F, x[x4 + k]);
      a4 = v4.fma(w0, a4);
      b4 = v4.fma(w1, b4);
      FloatVector v5 = FloatVector.broadcast(F, x[x5 + k]);
      a5 = v5.fma(w0, a5);
      b5 = v5.fma(w1, b5);
    }
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
    a3.intoArray(out, outOffset + 3 * PANEL_ROWS);
    b3.intoArray(out, outOffset + 3 * PANEL_ROWS + LANES);
    a4.intoArray(out, outOffset + 4 * PANEL_ROWS);
    b4.intoArray(out, outOffset + 4 * PANEL_ROWS + LANES);
    a5.intoArray(out, outOffset + 5 * PANEL_ROWS);
    b5.intoArray(out, outOffset + 5 * PANEL_ROWS + LANES);
  }

  static void tile5(
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
    int x4 = xo[xf + 4];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector a2 = FloatVector.zero(F);
    FloatVector b2 = FloatVector.zero(F);
    FloatVector a3 = FloatVector.zero(F);
    FloatVector b3 = FloatVector.zero(F);
    FloatVector a4 = FloatVector.zero(F);
    FloatVector b4 = FloatVector.zero(F);
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
      FloatVector v4 = FloatVector.broadcast(F, x[x4 + k]);
      a4 = v4.fma(w0, a4);
      b4 = v4.fma(w1, b4);
    }
    a0.intoArray(out, outOffset);
    b0.intoArray(out, outOffset + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
    a3.intoArray(out, outOffset + 3 * PANEL_ROWS);
    b3.intoArray(out, outOffset + 3 * PANEL_ROWS + LANES);
    a4.intoArray(out, outOffset + 4 * PANEL_ROWS);
    b4.intoArray(out, outOffset + 4 * PANEL_ROWS + LANES);
  }
}

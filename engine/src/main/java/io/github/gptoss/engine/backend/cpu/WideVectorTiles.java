package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.VectorTiles.start;

import jdk.incubator.vector.FloatVector;

/** {@link VectorTiles} of more than four tokens, for machines with 32 vector registers. */
final class WideVectorTiles {
  private WideVectorTiles() {}

  static void tile8(
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
    int x4 = xo[xf + 4] + xShift;
    int x5 = xo[xf + 5] + xShift;
    int x6 = xo[xf + 6] + xShift;
    int x7 = xo[xf + 7] + xShift;
    int o0 = outOffset;
    int o1 = outOffset + 1 * outStride;
    int o2 = outOffset + 2 * outStride;
    int o3 = outOffset + 3 * outStride;
    int o4 = outOffset + 4 * outStride;
    int o5 = outOffset + 5 * outStride;
    int o6 = outOffset + 6 * outStride;
    int o7 = outOffset + 7 * outStride;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    FloatVector a1 = start(out, o1, accumulate);
    FloatVector b1 = start(out, o1 + LANES, accumulate);
    FloatVector a2 = start(out, o2, accumulate);
    FloatVector b2 = start(out, o2 + LANES, accumulate);
    FloatVector a3 = start(out, o3, accumulate);
    FloatVector b3 = start(out, o3 + LANES, accumulate);
    FloatVector a4 = start(out, o4, accumulate);
    FloatVector b4 = start(out, o4 + LANES, accumulate);
    FloatVector a5 = start(out, o5, accumulate);
    FloatVector b5 = start(out, o5 + LANES, accumulate);
    FloatVector a6 = start(out, o6, accumulate);
    FloatVector b6 = start(out, o6 + LANES, accumulate);
    FloatVector a7 = start(out, o7, accumulate);
    FloatVector b7 = start(out, o7 + LANES, accumulate);
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
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
    a3.intoArray(out, o3);
    b3.intoArray(out, o3 + LANES);
    a4.intoArray(out, o4);
    b4.intoArray(out, o4 + LANES);
    a5.intoArray(out, o5);
    b5.intoArray(out, o5 + LANES);
    a6.intoArray(out, o6);
    b6.intoArray(out, o6 + LANES);
    a7.intoArray(out, o7);
    b7.intoArray(out, o7 + LANES);
  }

  static void tile6(
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
    int x4 = xo[xf + 4] + xShift;
    int x5 = xo[xf + 5] + xShift;
    int o0 = outOffset;
    int o1 = outOffset + 1 * outStride;
    int o2 = outOffset + 2 * outStride;
    int o3 = outOffset + 3 * outStride;
    int o4 = outOffset + 4 * outStride;
    int o5 = outOffset + 5 * outStride;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    FloatVector a1 = start(out, o1, accumulate);
    FloatVector b1 = start(out, o1 + LANES, accumulate);
    FloatVector a2 = start(out, o2, accumulate);
    FloatVector b2 = start(out, o2 + LANES, accumulate);
    FloatVector a3 = start(out, o3, accumulate);
    FloatVector b3 = start(out, o3 + LANES, accumulate);
    FloatVector a4 = start(out, o4, accumulate);
    FloatVector b4 = start(out, o4 + LANES, accumulate);
    FloatVector a5 = start(out, o5, accumulate);
    FloatVector b5 = start(out, o5 + LANES, accumulate);
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
      FloatVector v4 = FloatVector.broadcast(F, x[x4 + k]);
      a4 = v4.fma(w0, a4);
      b4 = v4.fma(w1, b4);
      FloatVector v5 = FloatVector.broadcast(F, x[x5 + k]);
      a5 = v5.fma(w0, a5);
      b5 = v5.fma(w1, b5);
    }
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
    a3.intoArray(out, o3);
    b3.intoArray(out, o3 + LANES);
    a4.intoArray(out, o4);
    b4.intoArray(out, o4 + LANES);
    a5.intoArray(out, o5);
    b5.intoArray(out, o5 + LANES);
  }

  static void tile5(
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
    int x4 = xo[xf + 4] + xShift;
    int o0 = outOffset;
    int o1 = outOffset + 1 * outStride;
    int o2 = outOffset + 2 * outStride;
    int o3 = outOffset + 3 * outStride;
    int o4 = outOffset + 4 * outStride;
    FloatVector a0 = start(out, o0, accumulate);
    FloatVector b0 = start(out, o0 + LANES, accumulate);
    FloatVector a1 = start(out, o1, accumulate);
    FloatVector b1 = start(out, o1 + LANES, accumulate);
    FloatVector a2 = start(out, o2, accumulate);
    FloatVector b2 = start(out, o2 + LANES, accumulate);
    FloatVector a3 = start(out, o3, accumulate);
    FloatVector b3 = start(out, o3 + LANES, accumulate);
    FloatVector a4 = start(out, o4, accumulate);
    FloatVector b4 = start(out, o4 + LANES, accumulate);
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
      FloatVector v4 = FloatVector.broadcast(F, x[x4 + k]);
      a4 = v4.fma(w0, a4);
      b4 = v4.fma(w1, b4);
    }
    a0.intoArray(out, o0);
    b0.intoArray(out, o0 + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
    a3.intoArray(out, o3);
    b3.intoArray(out, o3 + LANES);
    a4.intoArray(out, o4);
    b4.intoArray(out, o4 + LANES);
  }
}

package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Kernels.PARTIAL_SUMS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.WIDE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Sums, scalings and functions over rows for {@link VectorKernels}. */
final class VectorRows {
  private VectorRows() {}

  /** As {@link Kernels#sumOfSquares}. */
  static float sumOfSquares(float[] x, int offset, int n) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - PARTIAL_SUMS; i += PARTIAL_SUMS) {
      FloatVector v = FloatVector.fromArray(F, x, offset + i);
      a = v.fma(v, a);
      if (!WIDE) {
        FloatVector w = FloatVector.fromArray(F, x, offset + i + LANES);
        b = w.fma(w, b);
      }
    }
    float[] partial = new float[PARTIAL_SUMS];
    a.intoArray(partial, 0);
    if (!WIDE) b.intoArray(partial, 8);
    for (int j = 0; i < n; i++, j++)
      partial[j] = Math.fma(x[offset + i], x[offset + i], partial[j]);
    return ScalarMath.addPairwise(partial);
  }

  /** As {@link Kernels#scale}. */
  static void scale(
      float[] x, int xOffset, float factor, float[] weight, float[] out, int outOffset, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES)
      FloatVector.fromArray(F, x, xOffset + i)
          .mul(factor)
          .mul(FloatVector.fromArray(F, weight, i))
          .intoArray(out, outOffset + i);
    for (; i < n; i++) out[outOffset + i] = x[xOffset + i] * factor * weight[i];
  }

  /** As {@link Kernels#add}. */
  static void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES)
      FloatVector.fromArray(F, x, xOffset + i)
          .add(FloatVector.fromArray(F, y, yOffset + i))
          .intoArray(x, xOffset + i);
    for (; i < n; i++) x[xOffset + i] += y[yOffset + i];
  }

  /** As {@link Kernels#addScaled}. */
  static void addScaled(float[] x, int xOffset, float factor, float[] y, int yOffset, int n) {
    int i = 0;
    FloatVector f = FloatVector.broadcast(F, factor);
    for (; i <= n - LANES; i += LANES)
      f.fma(FloatVector.fromArray(F, y, yOffset + i), FloatVector.fromArray(F, x, xOffset + i))
          .intoArray(x, xOffset + i);
    for (; i < n; i++) x[xOffset + i] = Math.fma(factor, y[yOffset + i], x[xOffset + i]);
  }

  /** As {@link Kernels#max}. */
  static float max(float[] x, int offset, int n) {
    float max = x[offset];
    int i = 0;
    if (n >= LANES) {
      FloatVector m = FloatVector.fromArray(F, x, offset);
      for (i = LANES; i <= n - LANES; i += LANES)
        m = m.max(FloatVector.fromArray(F, x, offset + i));
      max = m.reduceLanes(VectorOperators.MAX);
    }
    for (; i < n; i++) max = Math.max(max, x[offset + i]);
    return max;
  }

  /** Lane by lane what {@link ScalarMath#exp} computes. */
  private static FloatVector exp(FloatVector x) {
    FloatVector c = x.min(ScalarMath.EXP_MOST);
    FloatVector shifted =
        c.fma(
            FloatVector.broadcast(F, ScalarMath.LOG2_E),
            FloatVector.broadcast(F, ScalarMath.ROUND_MAGIC));
    FloatVector n = shifted.sub(ScalarMath.ROUND_MAGIC);
    FloatVector r = n.fma(FloatVector.broadcast(F, -ScalarMath.LN2_HIGH), c);
    r = n.fma(FloatVector.broadcast(F, -ScalarMath.LN2_LOW), r);
    FloatVector p =
        r.fma(FloatVector.broadcast(F, ScalarMath.C0), FloatVector.broadcast(F, ScalarMath.C1));
    p = p.fma(r, FloatVector.broadcast(F, ScalarMath.C2));
    p = p.fma(r, FloatVector.broadcast(F, ScalarMath.C3));
    p = p.fma(r, FloatVector.broadcast(F, ScalarMath.C4));
    p = p.fma(r, FloatVector.broadcast(F, ScalarMath.C5));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector power =
        shifted
            .reinterpretAsInts()
            .sub(Float.floatToRawIntBits(ScalarMath.ROUND_MAGIC) - 127)
            .lanewise(VectorOperators.LSHL, 23);
    VectorMask<Float> tiny = x.lt(ScalarMath.EXP_LEAST);
    return p.mul(power.reinterpretAsFloats()).blend(0f, tiny);
  }

  /** As {@link Kernels#expAndSum}. */
  static float expAndSum(float[] x, int offset, int n, float max) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - PARTIAL_SUMS; i += PARTIAL_SUMS) {
      FloatVector e = exp(FloatVector.fromArray(F, x, offset + i).sub(max));
      e.intoArray(x, offset + i);
      a = a.add(e);
      if (!WIDE) {
        FloatVector g = exp(FloatVector.fromArray(F, x, offset + i + LANES).sub(max));
        g.intoArray(x, offset + i + LANES);
        b = b.add(g);
      }
    }
    float[] partial = new float[PARTIAL_SUMS];
    a.intoArray(partial, 0);
    if (!WIDE) b.intoArray(partial, 8);
    for (int j = 0; i < n; i++, j++) {
      float e = ScalarMath.exp(x[offset + i] - max);
      x[offset + i] = e;
      partial[j] += e;
    }
    return ScalarMath.addPairwise(partial);
  }

  /** As {@link Kernels#swiglu}. */
  static void swiglu(float[] in, int inOffset, float limit, float[] out, int outOffset, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(F, in, inOffset + i).min(limit);
      FloatVector u =
          FloatVector.fromArray(F, in, inOffset + PANEL_ROWS / 2 + i).min(limit).max(-limit);
      FloatVector s =
          FloatVector.broadcast(F, 1f).div(exp(g.mul(ScalarMath.SWIGLU_ALPHA).neg()).add(1f));
      g.mul(s).mul(u.add(1f)).intoArray(out, outOffset + i);
    }
    for (; i < n; i++)
      out[outOffset + i] =
          ScalarMath.swiglu(in[inOffset + i], in[inOffset + PANEL_ROWS / 2 + i], limit);
  }
}

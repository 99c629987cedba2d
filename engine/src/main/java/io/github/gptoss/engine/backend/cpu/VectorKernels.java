package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.WIDE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Kernels on the Vector API: lanes run along the 32 rows of a panel, so each lane is one output's
 * own chain and the number of lanes never changes a result. Methods are small and their loops flat,
 * because past a certain size the JIT stops inlining and boxes every vector; the unrolled ones are
 * generated, see src/main/generator, which also says why sums are multiplied by 1 after a loop.
 */
final class VectorKernels implements Kernels {
  static {
    VectorProfiles.mix();
  }

  /** Up to here a second pass over a panel's bf16 costs less than writing it out as float32. */
  private static final int MOST_BF16_TOKENS = 12;

  /** Up to here one pass decodes a panel's MXFP4 in registers; beyond, the tile would spill. */
  private static final int MOST_MXFP4_TOKENS = WIDE ? 4 : 2;

  private final Kernels plain = new ScalarKernels();

  /**
   * Wide tiles load a weight for more tokens, and below four a tile waits for its own additions;
   * with 16 registers, not 32, a tile wider than four would spill.
   */
  @Override
  public int tileRows(int left) {
    if (!WIDE) {
      return Math.min(left, 4);
    }
    return left >= 12 || left == 8 ? 8 : left > 8 ? (left + 1) / 2 : left == 7 ? 4 : left;
  }

  @Override
  public String description() {
    return "Vector API " + F.vectorBitSize() + " bit";
  }

  @Override
  public void decode(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    if (VectorDecoder.decodes(matrix, panel)) {
      VectorDecoder.decode(matrix, panel, kFrom, kTo, out);
    } else {
      plain.decode(matrix, panel, kFrom, kTo, out);
    }
  }

  @Override
  public boolean multipliesPacked(PackedMatrix matrix, int panel, int tokens) {
    int most =
        switch (matrix.format()) {
          case MXFP4 -> MOST_MXFP4_TOKENS;
          case BF16 -> MOST_BF16_TOKENS;
          case F16 -> 0;
          case F32 -> Integer.MAX_VALUE; // there is nothing to decode
        };
    return tokens <= most && VectorDecoder.decodesInTiles(matrix, panel);
  }

  @Override
  public void multiplyPacked(
      PackedMatrix matrix,
      int panel,
      int k,
      int columns,
      float[] x,
      int xOffset,
      int tokens,
      float[] out,
      int outOffset) {
    int[] words = matrix.words();
    int c = matrix.groupOffset(panel, k);
    boolean bf16 = matrix.format() == PackedMatrix.Format.BF16;
    int loaded = bf16 ? PANEL_ROWS / 2 : PANEL_ROWS; // words of a column, or of eight
    int stride = bf16 ? LANES : 2 * LANES;
    for (int row = 0; row < loaded; row += stride) {
      for (int t = 0, width; t < tokens; t += width) {
        width = tileRows(tokens - t);
        int v = xOffset + t * matrix.columns() + k * width;
        int o = outOffset + t * PANEL_ROWS + row;
        switch (matrix.format()) {
          case MXFP4 -> Mxfp4Tiles.tile(width, words, c + row, columns, x, v, out, o);
          case BF16 -> Bf16Tiles.tile(width, words, c + row, columns, x, v, out, o);
          case F32 -> F32Tiles.tile(width, words, c + row, columns, x, v, out, o);
          case F16 -> throw new IllegalArgumentException("float16 is decoded first");
        }
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
    for (int row = 0; row < PANEL_ROWS; row += 2 * LANES) {
      for (int t = 0, width; t < tokens; t += width) {
        width = tileRows(tokens - t);
        int v = xOffset + t * allColumns + k * width;
        PanelTiles.tile(width, panel, row, columns, x, v, out, outOffset + t * PANEL_ROWS + row);
      }
    }
  }

  @Override
  public void multiply(
      float[] panel,
      int panelOffset,
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
    if (!accumulate) {
      for (int t = 0; t < tokens; t++) {
        int o = outOffset + t * outStride;
        Arrays.fill(out, o, o + PANEL_ROWS, 0);
      }
    }
    for (int row = 0; row < PANEL_ROWS; row += 2 * LANES) {
      int p = panelOffset + row;
      for (int t = 0, width; t < tokens; t += width) {
        width = tileRows(tokens - t);
        int o = outOffset + t * outStride + row;
        int f = xf + t;
        FloatTiles.tile(width, panel, p, columns, x, xo, f, xShift, out, o, outStride);
      }
    }
  }

  @Override
  public float sumOfSquares(float[] x, int offset, int n) {
    float[] partial = new float[PARTIAL_SUMS];
    int whole = n - n % PARTIAL_SUMS;
    for (int j = 0; j < PARTIAL_SUMS; j += LANES) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = j; i < whole; i += PARTIAL_SUMS) {
        FloatVector v = FloatVector.fromArray(F, x, offset + i);
        sum = v.fma(v, sum);
      }
      FloatVector.broadcast(F, 1f).mul(sum).intoArray(partial, j);
    }
    for (int i = whole; i < n; i++)
      partial[i - whole] = Math.fma(x[offset + i], x[offset + i], partial[i - whole]);
    return ScalarMath.addPairwise(partial);
  }

  @Override
  public void scale(
      float[] x, int xOffset, float factor, float[] weight, float[] out, int outOffset, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES)
      FloatVector.fromArray(F, x, xOffset + i)
          .mul(factor)
          .mul(FloatVector.fromArray(F, weight, i))
          .intoArray(out, outOffset + i);
    for (; i < n; i++) out[outOffset + i] = x[xOffset + i] * factor * weight[i];
  }

  @Override
  public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES)
      FloatVector.fromArray(F, x, xOffset + i)
          .add(FloatVector.fromArray(F, y, yOffset + i))
          .intoArray(x, xOffset + i);
    for (; i < n; i++) x[xOffset + i] += y[yOffset + i];
  }

  @Override
  public void addScaled(float[] x, int xOffset, float factor, float[] y, int yOffset, int n) {
    int i = 0;
    FloatVector f = FloatVector.broadcast(F, factor);
    for (; i <= n - LANES; i += LANES)
      f.fma(FloatVector.fromArray(F, y, yOffset + i), FloatVector.fromArray(F, x, xOffset + i))
          .intoArray(x, xOffset + i);
    for (; i < n; i++) x[xOffset + i] = Math.fma(factor, y[yOffset + i], x[xOffset + i]);
  }

  @Override
  public float max(float[] x, int offset, int n) {
    float max = x[offset];
    int i = 0;
    if (n >= LANES) {
      FloatVector m = FloatVector.fromArray(F, x, offset);
      for (i = LANES; i <= n - LANES; i += LANES)
        m = m.max(FloatVector.fromArray(F, x, offset + i));
      max = FloatVector.broadcast(F, 1f).mul(m).reduceLanes(VectorOperators.MAX);
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

  @Override
  public float expAndSum(float[] x, int offset, int n, float max) {
    float[] partial = new float[PARTIAL_SUMS];
    int whole = n - n % PARTIAL_SUMS;
    for (int j = 0; j < PARTIAL_SUMS; j += LANES) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = j; i < whole; i += PARTIAL_SUMS) {
        FloatVector e = exp(FloatVector.fromArray(F, x, offset + i).sub(max));
        e.intoArray(x, offset + i);
        sum = sum.add(e);
      }
      FloatVector.broadcast(F, 1f).mul(sum).intoArray(partial, j);
    }
    for (int i = whole; i < n; i++) {
      float e = ScalarMath.exp(x[offset + i] - max);
      x[offset + i] = e;
      partial[i - whole] += e;
    }
    return ScalarMath.addPairwise(partial);
  }

  @Override
  public void swiglu(float[] in, int inOffset, float limit, float[] out, int outOffset, int n) {
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

package io.github.gptoss.engine.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Kernels on the Vector API: lanes run along the 32 rows of a panel, so each lane is one output's
 * own chain and the number of lanes never changes a result.
 *
 * <p>Tiles are written out by hand, one method a width, because the JIT keeps accumulators in
 * registers only if each is a local variable of a flat loop.
 */
final class VectorKernels implements Kernels {
  /** 16 or 8 float32 lanes; {@link #unsupported} refuses every other width. */
  private static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() >= 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_256;

  private static final int LANES = F.length();
  private static final boolean WIDE = LANES == 16;
  private static final VectorSpecies<Integer> I =
      WIDE ? IntVector.SPECIES_512 : IntVector.SPECIES_256;
  private static final VectorSpecies<Short> H =
      WIDE ? ShortVector.SPECIES_256 : ShortVector.SPECIES_128;

  private static final VectorSpecies<Byte> W =
      WIDE ? ByteVector.SPECIES_512 : ByteVector.SPECIES_256;

  /** Columns that share an MXFP4 scale. */
  private static final int BLOCK = 32;

  /** Columns whose codes share a 32-bit word. */
  private static final int WORD = 8;

  /** Up to here a second pass over a panel's bf16 costs less than writing it out as float32. */
  private static final int MOST_PACKED_TOKENS = 24;

  /** The bits of 2^23, whose unit in the last place is 1. */
  private static final int ONE_ULP = 0x4B000000;

  /** What a decoded float32 exceeds twice its value by: 2^23, and 49 from the piecewise sum. */
  private static final float OFFSET = (1 << 23) + 49;

  /** Why this machine cannot run these kernels; null if it can. */
  static String unsupported() {
    int lanes = FloatVector.SPECIES_PREFERRED.length();
    return lanes < 8 ? "its vectors hold " + lanes + " floats and the kernels need 8 or 16" : null;
  }

  @Override
  public String description() {
    return "Vector API " + F.vectorBitSize() + " bit";
  }

  private static FloatVector start(float[] out, int offset, boolean accumulate) {
    return accumulate ? FloatVector.fromArray(F, out, offset) : FloatVector.zero(F);
  }

  private static FloatVector bf16(ByteBuffer codes, int offset) {
    return ((IntVector)
            ShortVector.fromByteBuffer(H, codes, offset, ByteOrder.LITTLE_ENDIAN).castShape(I, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  @Override
  public void decode(
      PackedMatrix matrix, int panel, int kFrom, int kTo, float[] scratch, float[] out) {
    if (matrix.panelRows(panel) < PANEL_ROWS) {
      ScalarKernels.decodePanel(matrix, panel, kFrom, kTo, out);
      return;
    }
    switch (matrix.format()) {
      case MXFP4 -> {
        if (matrix.hasHugeScales()) {
          ScalarKernels.decodePanel(matrix, panel, kFrom, kTo, out);
        } else {
          decodeMxfp4(matrix, panel, kFrom, kTo, scratch, out);
        }
      }
      case BF16 -> decodeBf16(matrix, panel, kFrom, kTo, out);
      case F32 -> decodeF32(matrix, panel, kFrom, kTo, out);
    }
  }

  private static void decodeMxfp4(
      PackedMatrix matrix, int panel, int kFrom, int kTo, float[] scales, float[] out) {
    int blocks = (kTo - kFrom) / BLOCK;
    matrix.halfScales(panel, kFrom / BLOCK, blocks, scales);
    int c = matrix.panelOffset(panel) + kFrom / WORD * PANEL_ROWS * Integer.BYTES;
    for (int row = 0; row < PANEL_ROWS; row += LANES) {
      decodeEvenColumns(matrix.codes(), c + row * Integer.BYTES, blocks, scales, row, out);
      decodeOddColumns(matrix.codes(), c + row * Integer.BYTES, blocks, scales, row, out);
    }
  }

  // A code is the rank u of its value among the fifteen values of E2M1. Twice those values, 0 1 2 3
  // 4 6 8 12 and their negatives, are piecewise linear in u - 7, so five additions and four
  // comparisons do what a table would. A byte or'ed into the bits of 2^23 makes the float32 2^23 +
  // byte, which one multiply-add shifts and scales without rounding. Even and odd columns have a
  // method each, and nothing here is a method of its own, because past a certain size the JIT stops
  // inlining and boxes every vector.

  private static void decodeEvenColumns(
      ByteBuffer codes, int codesOffset, int blocks, float[] scales, int row, float[] out) {
    ByteVector most3 = ByteVector.broadcast(W, (byte) 3);
    ByteVector least11 = ByteVector.broadcast(W, (byte) 11);
    ByteVector most1 = ByteVector.broadcast(W, (byte) 1);
    ByteVector least13 = ByteVector.broadcast(W, (byte) 13);
    int c = codesOffset;
    int o = row;
    for (int block = 0; block < blocks; block++) {
      FloatVector scale = FloatVector.fromArray(F, scales, block * PANEL_ROWS + row);
      FloatVector shift = scale.mul(-OFFSET);
      for (int word = 0; word < BLOCK / WORD; word++) {
        ByteVector u =
            IntVector.fromByteBuffer(I, codes, c, ByteOrder.LITTLE_ENDIAN)
                .and(0x0F0F0F0F)
                .reinterpretAsBytes();
        ByteVector outer = u.max(least13).add(u.min(most1));
        IntVector v =
            u.add(u.max(least11)).add(u.min(most3)).add(outer).add(outer).reinterpretAsInts();
        v.and(0xFF).or(ONE_ULP).reinterpretAsFloats().fma(scale, shift).intoArray(out, o);
        v.lanewise(VectorOperators.LSHR, 8)
            .and(0xFF)
            .or(ONE_ULP)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 2 * PANEL_ROWS);
        v.lanewise(VectorOperators.LSHR, 16)
            .and(0xFF)
            .or(ONE_ULP)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 4 * PANEL_ROWS);
        v.lanewise(VectorOperators.LSHR, 24)
            .or(ONE_ULP)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 6 * PANEL_ROWS);
        c += PANEL_ROWS * Integer.BYTES;
        o += WORD * PANEL_ROWS;
      }
    }
  }

  private static void decodeOddColumns(
      ByteBuffer codes, int codesOffset, int blocks, float[] scales, int row, float[] out) {
    ByteVector most3 = ByteVector.broadcast(W, (byte) 3);
    ByteVector least11 = ByteVector.broadcast(W, (byte) 11);
    ByteVector most1 = ByteVector.broadcast(W, (byte) 1);
    ByteVector least13 = ByteVector.broadcast(W, (byte) 13);
    int c = codesOffset;
    int o = row + PANEL_ROWS;
    for (int block = 0; block < blocks; block++) {
      FloatVector scale = FloatVector.fromArray(F, scales, block * PANEL_ROWS + row);
      FloatVector shift = scale.mul(-OFFSET);
      for (int word = 0; word < BLOCK / WORD; word++) {
        ByteVector u =
            IntVector.fromByteBuffer(I, codes, c, ByteOrder.LITTLE_ENDIAN)
                .lanewise(VectorOperators.LSHR, 4)
                .and(0x0F0F0F0F)
                .reinterpretAsBytes();
        ByteVector outer = u.max(least13).add(u.min(most1));
        IntVector v =
            u.add(u.max(least11)).add(u.min(most3)).add(outer).add(outer).reinterpretAsInts();
        v.and(0xFF).or(ONE_ULP).reinterpretAsFloats().fma(scale, shift).intoArray(out, o);
        v.lanewise(VectorOperators.LSHR, 8)
            .and(0xFF)
            .or(ONE_ULP)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 2 * PANEL_ROWS);
        v.lanewise(VectorOperators.LSHR, 16)
            .and(0xFF)
            .or(ONE_ULP)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 4 * PANEL_ROWS);
        v.lanewise(VectorOperators.LSHR, 24)
            .or(ONE_ULP)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 6 * PANEL_ROWS);
        c += PANEL_ROWS * Integer.BYTES;
        o += WORD * PANEL_ROWS;
      }
    }
  }

  private static void decodeBf16(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    ByteBuffer codes = matrix.codes();
    int c = matrix.panelOffset(panel) + kFrom * PANEL_ROWS * Short.BYTES;
    for (int o = 0; o < (kTo - kFrom) * PANEL_ROWS; o += 2 * LANES, c += 2 * LANES * Short.BYTES) {
      bf16(codes, c).intoArray(out, o);
      bf16(codes, c + LANES * Short.BYTES).intoArray(out, o + LANES);
    }
  }

  private static void decodeF32(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    matrix
        .codes()
        .slice(
            matrix.panelOffset(panel) + kFrom * PANEL_ROWS * Float.BYTES,
            (kTo - kFrom) * PANEL_ROWS * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(out, 0, (kTo - kFrom) * PANEL_ROWS);
  }

  @Override
  public boolean multipliesPacked(PackedMatrix matrix, int panel, int tokens) {
    return matrix.format() == PackedMatrix.Format.BF16
        && matrix.panelRows(panel) == PANEL_ROWS
        && tokens <= MOST_PACKED_TOKENS;
  }

  @Override
  public void multiplyPacked(
      PackedMatrix matrix, int panel, float[] x, int[] xo, int xf, int tokens, float[] out) {
    for (int row = 0; row < PANEL_ROWS; row += 2 * LANES) {
      int c = matrix.panelOffset(panel) + row * Short.BYTES;
      for (int t = 0, width; t < tokens; t += width) {
        width = tileWidth(tokens - t);
        int o = t * PANEL_ROWS + row;
        switch (width) {
          case 8 -> bf16Tile8(matrix, c, x, xo, xf + t, out, o);
          case 6 -> bf16Tile6(matrix, c, x, xo, xf + t, out, o);
          case 5 -> bf16Tile5(matrix, c, x, xo, xf + t, out, o);
          case 4 -> bf16Tile4(matrix, c, x, xo, xf + t, out, o);
          case 3 -> bf16Tile3(matrix, c, x, xo, xf + t, out, o);
          case 2 -> bf16Tile2(matrix, c, x, xo, xf + t, out, o);
          default -> bf16Tile1(matrix, c, x, xo, xf + t, out, o);
        }
      }
    }
  }

  /**
   * How many of the tokens that are left the next tile takes: wide tiles load a weight for more
   * tokens, and below four a tile waits for its own additions; with 16 registers, not 32, a tile
   * wider than four would spill.
   */
  private static int tileWidth(int left) {
    if (!WIDE) {
      return Math.min(left, 4);
    }
    return left >= 12 || left == 8 ? 8 : left > 8 ? (left + 1) / 2 : left == 7 ? 4 : left;
  }

  @Override
  public void multiply(
      float[] panel,
      int panelOffset,
      int panelStride,
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
              tile8(
                  panel,
                  p,
                  panelStride,
                  columns,
                  x,
                  xo,
                  xf + t,
                  xShift,
                  out,
                  o,
                  outStride,
                  accumulate);
          case 6 ->
              tile6(
                  panel,
                  p,
                  panelStride,
                  columns,
                  x,
                  xo,
                  xf + t,
                  xShift,
                  out,
                  o,
                  outStride,
                  accumulate);
          case 5 ->
              tile5(
                  panel,
                  p,
                  panelStride,
                  columns,
                  x,
                  xo,
                  xf + t,
                  xShift,
                  out,
                  o,
                  outStride,
                  accumulate);
          case 4 ->
              tile4(
                  panel,
                  p,
                  panelStride,
                  columns,
                  x,
                  xo,
                  xf + t,
                  xShift,
                  out,
                  o,
                  outStride,
                  accumulate);
          case 3 ->
              tile3(
                  panel,
                  p,
                  panelStride,
                  columns,
                  x,
                  xo,
                  xf + t,
                  xShift,
                  out,
                  o,
                  outStride,
                  accumulate);
          case 2 ->
              tile2(
                  panel,
                  p,
                  panelStride,
                  columns,
                  x,
                  xo,
                  xf + t,
                  xShift,
                  out,
                  o,
                  outStride,
                  accumulate);
          default ->
              tile1(panel, p, panelStride, columns, x, xo, xf + t, xShift, out, o, accumulate);
        }
      }
    }
  }

  @Override
  public float sumOfSquares(float[] x, int offset, int n) {
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
      max = m.reduceLanes(VectorOperators.MAX);
    }
    for (; i < n; i++) max = Math.max(max, x[offset + i]);
    return max;
  }

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

  private static void tile8(
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

  private static void tile6(
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

  private static void tile5(
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

  private static void bf16Tile8(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
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

  private static void bf16Tile6(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
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

  private static void bf16Tile5(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
    a3.intoArray(out, outOffset + 3 * PANEL_ROWS);
    b3.intoArray(out, outOffset + 3 * PANEL_ROWS + LANES);
    a4.intoArray(out, outOffset + 4 * PANEL_ROWS);
    b4.intoArray(out, outOffset + 4 * PANEL_ROWS + LANES);
  }

  private static void bf16Tile4(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
    a3.intoArray(out, outOffset + 3 * PANEL_ROWS);
    b3.intoArray(out, outOffset + 3 * PANEL_ROWS + LANES);
  }

  private static void bf16Tile3(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
    a2.intoArray(out, outOffset + 2 * PANEL_ROWS);
    b2.intoArray(out, outOffset + 2 * PANEL_ROWS + LANES);
  }

  private static void bf16Tile2(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
    a1.intoArray(out, outOffset + 1 * PANEL_ROWS);
    b1.intoArray(out, outOffset + 1 * PANEL_ROWS + LANES);
  }

  private static void bf16Tile1(
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
    a0.intoArray(out, outOffset + 0 * PANEL_ROWS);
    b0.intoArray(out, outOffset + 0 * PANEL_ROWS + LANES);
  }
}

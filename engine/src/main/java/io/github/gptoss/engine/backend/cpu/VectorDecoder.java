package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.I;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.W;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.BLOCK;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.GROUP;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Whole panels to float32 for {@link VectorKernels}.
 *
 * <p>An MXFP4 code is the rank u of its value among the fifteen values of E2M1. Twice those values,
 * 0 1 2 3 4 6 8 12 and their negatives, are piecewise linear in u - 7, so five additions and four
 * comparisons do for four columns of a lane what a table would. A byte or'ed into the bits of 2^22
 * makes the float32 2^22 + byte / 2, which one multiply-add shifts and scales without rounding. The
 * tiles that src/main/generator makes decode in the same way. Neither calls a method for a part of
 * it, because past a certain size the JIT stops inlining and boxes every vector.
 */
final class VectorDecoder {
  /** The bits of 2^22, whose unit in the last place is 1/2. */
  static final int HALF_ULP = 0x4A800000;

  /** What a decoded float32 exceeds its value by: 2^22, and half of 49 from the piecewise sum. */
  static final float OFFSET = (1 << 22) + 24.5f;

  /** The exponent of a float32. */
  static final int EXPONENT = 0x7F800000;

  private VectorDecoder() {}

  /** Whether {@link #decode} can take this panel. */
  static boolean decodes(PackedMatrix matrix, int panel) {
    return matrix.panelRows(panel) == PANEL_ROWS && !matrix.hasExtremeScales();
  }

  /** As {@link Kernels#decode}. */
  static void decode(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    int[] words = matrix.words();
    switch (matrix.format()) {
      case MXFP4 -> {
        for (int k = kFrom; k < kTo; k += GROUP) {
          int columns = Math.min(GROUP, kTo - k);
          for (int row = 0; row < PANEL_ROWS; row += LANES) {
            int at = matrix.groupOffset(panel, k) + row;
            decodeMxfp4(words, at, columns, out, (k - kFrom) * PANEL_ROWS + row);
          }
        }
      }
      case BF16 -> decodeBf16(words, matrix.groupOffset(panel, kFrom), kTo - kFrom, out);
      case F16 -> decodeF16(words, matrix.groupOffset(panel, kFrom), kTo - kFrom, out);
      case F32 -> decodeF32(words, matrix.groupOffset(panel, kFrom), kTo - kFrom, out);
    }
  }

  /** Columns of one group; {@code scalesAt} is where its row of scales begins. */
  private static void decodeMxfp4(
      int[] words, int scalesAt, int columns, float[] out, int outOffset) {
    ByteVector most3 = ByteVector.broadcast(W, (byte) 3);
    ByteVector least11 = ByteVector.broadcast(W, (byte) 11);
    ByteVector most1 = ByteVector.broadcast(W, (byte) 1);
    ByteVector least13 = ByteVector.broadcast(W, (byte) 13);
    IntVector lowNibbles = IntVector.broadcast(I, 0x0F0F0F0F);
    IntVector lowByte = IntVector.broadcast(I, 0xFF);
    IntVector half = IntVector.broadcast(I, HALF_ULP);
    int c = scalesAt + PANEL_ROWS;
    int o = outOffset;
    for (int k = 0; k < columns; k += BLOCK) {
      FloatVector scale =
          IntVector.fromArray(I, words, scalesAt)
              .lanewise(VectorOperators.LSHR, k / BLOCK * Byte.SIZE)
              .lanewise(VectorOperators.LSHL, 23)
              .and(EXPONENT)
              .reinterpretAsFloats();
      FloatVector shift = scale.mul(-OFFSET);
      for (int i = 0; i < BLOCK; i += 4) {
        ByteVector u =
            IntVector.fromArray(I, words, c)
                .lanewise(VectorOperators.LSHR, i & 4)
                .and(lowNibbles)
                .reinterpretAsBytes();
        ByteVector outer = u.max(least13).add(u.min(most1));
        IntVector v =
            u.add(u.max(least11)).add(u.min(most3)).add(outer).add(outer).reinterpretAsInts();
        v.and(lowByte).or(half).reinterpretAsFloats().fma(scale, shift).intoArray(out, o);
        v.lanewise(VectorOperators.LSHR, 8)
            .and(lowByte)
            .or(half)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + PANEL_ROWS);
        v.lanewise(VectorOperators.LSHR, 16)
            .and(lowByte)
            .or(half)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 2 * PANEL_ROWS);
        v.lanewise(VectorOperators.LSHR, 24)
            .or(half)
            .reinterpretAsFloats()
            .fma(scale, shift)
            .intoArray(out, o + 3 * PANEL_ROWS);
        c += (i & 4) / 4 * PANEL_ROWS;
        o += 4 * PANEL_ROWS;
      }
    }
  }

  /** Bfloat16 values are the upper halves of float32 values. */
  private static void decodeBf16(int[] words, int at, int columns, float[] out) {
    for (int k = 0, c = at, o = 0; k < columns; k++, o += PANEL_ROWS / 2) {
      for (int row = 0; row < PANEL_ROWS / 2; row += LANES, c += LANES, o += LANES) {
        IntVector pair = IntVector.fromArray(I, words, c);
        pair.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().intoArray(out, o);
        pair.and(0xFFFF0000).reinterpretAsFloats().intoArray(out, o + PANEL_ROWS / 2);
      }
    }
  }

  private static void decodeF16(int[] words, int at, int columns, float[] out) {
    for (int k = 0, c = at, o = 0; k < columns; k++, o += PANEL_ROWS / 2) {
      for (int row = 0; row < PANEL_ROWS / 2; row += LANES, c += LANES, o += LANES) {
        IntVector pair = IntVector.fromArray(I, words, c);
        f16(pair).intoArray(out, o);
        f16(pair.lanewise(VectorOperators.LSHR, Short.SIZE)).intoArray(out, o + PANEL_ROWS / 2);
      }
    }
  }

  /**
   * Finite float16 values in the lower halves as float32. Read as the upper bits of a float32,
   * exponent and mantissa mean a value 2^112 too small, subnormal or not; the product is exact.
   */
  private static FloatVector f16(IntVector bits) {
    IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    return bits.and(0x7FFF)
        .lanewise(VectorOperators.LSHL, 13)
        .reinterpretAsFloats()
        .mul(0x1p112f)
        .reinterpretAsInts()
        .or(sign)
        .reinterpretAsFloats();
  }

  private static void decodeF32(int[] words, int at, int columns, float[] out) {
    for (int i = 0; i < columns * PANEL_ROWS; i += LANES) {
      IntVector.fromArray(I, words, at + i).reinterpretAsFloats().intoArray(out, i);
    }
  }
}

package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.I;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.S;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.BLOCK;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.CODES;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.GROUP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Whole panels to float32 for {@link VectorKernels}.
 *
 * <p>An MXFP4 code becomes the upper half of a float32 in 16-bit arithmetic. With its sign at bit
 * 15 and its three bits c at 6 to 8, c + min(c, 2) are the upper exponent and mantissa bits of 0 1
 * 2 3 4 6 8 12 times 2^-126, none of which is subnormal. Multiplied by a power of two this is the
 * weight, and nothing is rounded. The tiles that src/main/generator makes decode in the same way.
 * Neither calls a method for a part of it, because past a certain size the JIT stops inlining and
 * boxes every vector.
 */
final class VectorDecoder {
  /** The signs of both halves of a word. */
  static final int SIGNS = 0x80008000;

  /** The codes of both halves without their signs, where 16-bit arithmetic has them. */
  static final int MAGNITUDES = 0x01C001C0;

  /** The code 2 there. */
  static final short TWO = 0x80;

  /** The upper half of a word. */
  static final int UPPER = 0xFFFF0000;

  /** The bits of a scale's byte as a float32's exponent. */
  static final int EXPONENT = 0x7F800000;

  /**
   * Added to a scale's byte, this makes the exponent of 2^(scale - 127) times 2^125, by which twice
   * a magnitude times 2^-126 is to be multiplied.
   */
  static final int SCALE_BIAS = 125 << 23;

  /** Up to this scale the tiles' one factor is finite. */
  static final int MOST_TILE_SCALE = 254 - 125;

  /**
   * What {@link #decodeLargeMxfp4} takes out of that factor, so that larger scales do, and
   * multiplies first.
   */
  private static final float LIFT = 0x1p64f;

  private static final int LIFTED_BIAS = SCALE_BIAS - (64 << 23);

  /** Up to this scale that factor is finite. */
  static final int MOST_SCALE = MOST_TILE_SCALE + 64;

  private VectorDecoder() {}

  /** Whether {@link #decode} can take this panel. */
  static boolean decodes(PackedMatrix matrix, int panel) {
    return matrix.panelRows(panel) == PANEL_ROWS && matrix.mostScale() <= MOST_SCALE;
  }

  /** Whether the tiles that decode in registers can take this panel. */
  static boolean decodesInTiles(PackedMatrix matrix, int panel) {
    return matrix.panelRows(panel) == PANEL_ROWS && matrix.mostScale() <= MOST_TILE_SCALE;
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
            int o = (k - kFrom) * PANEL_ROWS + row;
            if (matrix.mostScale() <= MOST_TILE_SCALE) {
              decodeMxfp4(words, at, columns, out, o);
            } else {
              decodeLargeMxfp4(words, at, columns, out, o);
            }
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
    ShortVector two = ShortVector.broadcast(S, TWO);
    int c = scalesAt + PANEL_ROWS;
    int o = outOffset;
    for (int k = 0; k < columns; k += BLOCK) {
      FloatVector scale =
          IntVector.fromArray(I, words, scalesAt)
              .lanewise(VectorOperators.LSHR, k / BLOCK * Byte.SIZE)
              .lanewise(VectorOperators.LSHL, 23)
              .and(EXPONENT)
              .add(SCALE_BIAS)
              .reinterpretAsFloats();
      for (int i = 0; i < BLOCK; i += CODES, c += PANEL_ROWS) {
        IntVector codes = IntVector.fromArray(I, words, c);
        for (int left = 12; left >= 0; left -= 4, o += 2 * PANEL_ROWS) {
          IntVector s = codes.lanewise(VectorOperators.LSHL, left);
          ShortVector m = s.lanewise(VectorOperators.LSHR, 6).and(MAGNITUDES).reinterpretAsShorts();
          IntVector v = m.add(m.min(two)).reinterpretAsInts().or(s.and(SIGNS));
          v.lanewise(VectorOperators.LSHL, Short.SIZE)
              .reinterpretAsFloats()
              .mul(scale)
              .intoArray(out, o);
          v.and(UPPER).reinterpretAsFloats().mul(scale).intoArray(out, o + PANEL_ROWS);
        }
      }
    }
  }

  /** The same for scales whose factor would be infinite, with two multiplications. */
  private static void decodeLargeMxfp4(
      int[] words, int scalesAt, int columns, float[] out, int outOffset) {
    ShortVector two = ShortVector.broadcast(S, TWO);
    FloatVector lift = FloatVector.broadcast(F, LIFT);
    int c = scalesAt + PANEL_ROWS;
    int o = outOffset;
    for (int k = 0; k < columns; k += BLOCK) {
      FloatVector scale =
          IntVector.fromArray(I, words, scalesAt)
              .lanewise(VectorOperators.LSHR, k / BLOCK * Byte.SIZE)
              .lanewise(VectorOperators.LSHL, 23)
              .and(EXPONENT)
              .add(LIFTED_BIAS)
              .reinterpretAsFloats();
      for (int i = 0; i < BLOCK; i += CODES, c += PANEL_ROWS) {
        IntVector codes = IntVector.fromArray(I, words, c);
        for (int left = 12; left >= 0; left -= 4, o += 2 * PANEL_ROWS) {
          IntVector s = codes.lanewise(VectorOperators.LSHL, left);
          ShortVector m = s.lanewise(VectorOperators.LSHR, 6).and(MAGNITUDES).reinterpretAsShorts();
          IntVector v = m.add(m.min(two)).reinterpretAsInts().or(s.and(SIGNS));
          v.lanewise(VectorOperators.LSHL, Short.SIZE)
              .reinterpretAsFloats()
              .mul(lift)
              .mul(scale)
              .intoArray(out, o);
          v.and(UPPER).reinterpretAsFloats().mul(lift).mul(scale).intoArray(out, o + PANEL_ROWS);
        }
      }
    }
  }

  /** Bfloat16 values are the upper halves of float32 values. */
  private static void decodeBf16(int[] words, int at, int columns, float[] out) {
    for (int k = 0, c = at, o = 0; k < columns; k++, o += PANEL_ROWS / 2) {
      for (int row = 0; row < PANEL_ROWS / 2; row += LANES, c += LANES, o += LANES) {
        IntVector pair = IntVector.fromArray(I, words, c);
        pair.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().intoArray(out, o);
        pair.and(UPPER).reinterpretAsFloats().intoArray(out, o + PANEL_ROWS / 2);
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

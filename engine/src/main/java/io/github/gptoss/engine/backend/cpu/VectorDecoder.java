package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;
import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.I;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.W;
import static io.github.gptoss.engine.backend.cpu.Lanes.bf16;
import static io.github.gptoss.engine.backend.cpu.Lanes.f16;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Panels to float32 for {@link VectorKernels}. */
final class VectorDecoder {
  /** Columns that share an MXFP4 scale. */
  private static final int BLOCK = 32;

  /** Columns whose codes share a 32-bit word. */
  private static final int WORD = 8;

  /** The bits of 2^23, whose unit in the last place is 1. */
  private static final int ONE_ULP = 0x4B000000;

  /** What a decoded float32 exceeds twice its value by: 2^23, and 49 from the piecewise sum. */
  private static final float OFFSET = (1 << 23) + 49;

  private VectorDecoder() {}

  /** As {@link Kernels#decode}. */
  static void decode(
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
      case F16 -> decodeF16(matrix, panel, kFrom, kTo, out);
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

  private static void decodeF16(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out) {
    ByteBuffer codes = matrix.codes();
    int c = matrix.panelOffset(panel) + kFrom * PANEL_ROWS * Short.BYTES;
    for (int o = 0; o < (kTo - kFrom) * PANEL_ROWS; o += LANES, c += LANES * Short.BYTES) {
      f16(codes, c).intoArray(out, o);
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
}

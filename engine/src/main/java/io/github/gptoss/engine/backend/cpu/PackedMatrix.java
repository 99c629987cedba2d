package io.github.gptoss.engine.backend.cpu;

import java.nio.ByteBuffer;

/**
 * A weight matrix, logical shape [rows, columns], packed for multiplication: panels of 32 rows,
 * each column-major, so that one column of a panel is contiguous and vector lanes run along rows.
 *
 * <ul>
 *   <li>MXFP4: codes [panel][columns/8][32] u32, column 8j + i in bits 4i..4i+3 of word j; scales
 *       [panel][columns/32][32] u8. A code is 7 + t for the t-th magnitude of 0 .5 1 1.5 2 3 4 6
 *       and 7 - t for its negative; value = that * 2^(scale - 127). 4.25 bits a weight, as in the
 *       checkpoint.
 *   <li>BF16 and F16: [panel][columns][32] u16; F32: [panel][columns][32] f32.
 * </ul>
 *
 * The last panel is as narrow as the rows that are left: its columns have {@code rows % 32}
 * entries. Borrows its memory: invalid once the model it belongs to is closed.
 *
 * @param codes little endian, direct
 * @param scales null unless MXFP4
 * @param hasHugeScales whether a scale is so large that {@link VectorKernels}'s shortcut would
 *     overflow float32
 */
record PackedMatrix(
    Format format,
    int rows,
    int columns,
    ByteBuffer codes,
    ByteBuffer scales,
    boolean hasHugeScales) {
  enum Format {
    MXFP4,
    BF16,
    F16,
    F32
  }

  /** The largest scale byte whose 2^23-fold is a finite float32. */
  private static final int MOST_EXACT_SCALE = 230;

  /** 2^(e - 128) by scale byte e. */
  private static final float[] HALF_SCALES = halfScales();

  private static float[] halfScales() {
    float[] out = new float[256];
    for (int e = 0; e < out.length; e++) {
      out[e] = Math.scalb(1f, e - 128);
    }
    return out;
  }

  static PackedMatrix of(
      Format format, int rows, int columns, ByteBuffer codes, ByteBuffer scales) {
    boolean huge = format == Format.MXFP4 && maxScale(scales) > MOST_EXACT_SCALE;
    return new PackedMatrix(format, rows, columns, codes, scales, huge);
  }

  private static int maxScale(ByteBuffer scales) {
    int max = 0;
    for (int i = 0; i < scales.capacity(); i++) {
      max = Math.max(max, scales.get(i) & 0xFF);
    }
    return max;
  }

  int panels() {
    return (rows + Kernels.PANEL_ROWS - 1) / Kernels.PANEL_ROWS;
  }

  /** Rows of a panel: 32, fewer in the last one where rows is no multiple of 32. */
  int panelRows(int panel) {
    return Math.min(Kernels.PANEL_ROWS, rows - panel * Kernels.PANEL_ROWS);
  }

  /** Half the scales of some blocks [blocks, 32], since codes are decoded to twice their value. */
  void halfScales(int panel, int blockFrom, int blocks, float[] out) {
    int from = panelScalesOffset(panel) + blockFrom * Kernels.PANEL_ROWS;
    for (int i = 0; i < blocks * Kernels.PANEL_ROWS; i++) {
      out[i] = HALF_SCALES[scales.get(from + i) & 0xFF];
    }
  }

  /** Byte offset in {@link #codes} of a panel's first column. */
  int panelOffset(int panel) {
    return panel * Kernels.PANEL_ROWS * bytes(columns);
  }

  /** Byte offset in {@link #scales} of a panel's first column. */
  int panelScalesOffset(int panel) {
    return panel * Kernels.PANEL_ROWS * (columns / 32);
  }

  private int bytes(int elements) {
    return switch (format) {
      case MXFP4 -> elements / 2;
      case BF16, F16 -> elements * Short.BYTES;
      case F32 -> elements * Float.BYTES;
    };
  }
}

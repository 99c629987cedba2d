package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.tensor.HalfFloat;

/**
 * A weight matrix, logical shape [rows, columns], packed for multiplication: panels of 32 rows,
 * each column-major, so that vector lanes run along rows. A panel is made of 32-bit words:
 *
 * <ul>
 *   <li>MXFP4: [columns / 8][32], columns 2 i and 2 i + 1 of the eight in nibble i of the lower and
 *       of the upper half. A nibble is the checkpoint's E2M1 code: the magnitude's index in 0 .5 1
 *       1.5 2 3 4 6, and 8 if it is negative; value = that * 2^(scale - 127). Before the words of
 *       every {@link #GROUP} columns stand [32] with their scales, byte i for the i-th 32 columns.
 *   <li>BF16 and F16: [columns][16], rows r and 16 + r in the lower and the upper half of a word.
 *   <li>F32: [columns][32].
 * </ul>
 *
 * The last panel is as narrow as the rows that are left, n of them: it has n for 32 above, and n /
 * 2, rounded up, for 16.
 *
 * @param words of this and perhaps of other matrices
 * @param from where this matrix begins in {@code words}
 * @param mostScale the largest scale of an MXFP4 block that is not all zeros; 0 in other formats
 */
record PackedMatrix(Format format, int rows, int columns, int[] words, int from, int mostScale) {
  enum Format {
    MXFP4,
    BF16,
    F16,
    F32
  }

  /** Columns whose MXFP4 scales share a word. */
  static final int GROUP = 128;

  /** Columns that share an MXFP4 scale. */
  static final int BLOCK = 32;

  /** Columns of MXFP4 whose codes share a word. */
  static final int CODES = 8;

  /** By E2M1 code. */
  private static final float[] VALUES = {
    0, .5f, 1, 1.5f, 2, 3, 4, 6, -0f, -.5f, -1, -1.5f, -2, -3, -4, -6
  };

  /** Words that a matrix takes. */
  static long words(Format format, int rows, int columns) {
    int panel = Kernels.PANEL_ROWS;
    return (long) (rows / panel) * panelWords(format, panel, columns)
        + panelWords(format, rows % panel, columns);
  }

  /** Words of a panel's first columns. */
  private static int panelWords(Format format, int panelRows, int columns) {
    return switch (format) {
      case MXFP4 -> panelRows * (columns / CODES + ceilDiv(columns, GROUP));
      case BF16, F16 -> ceilDiv(panelRows, 2) * columns;
      case F32 -> panelRows * columns;
    };
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  int panels() {
    return Kernels.panels(rows);
  }

  /** Rows of a panel: 32, fewer in the last one where rows is no multiple of 32. */
  int panelRows(int panel) {
    return Math.min(Kernels.PANEL_ROWS, rows - panel * Kernels.PANEL_ROWS);
  }

  /** Where in {@link #words} a panel begins. */
  int panelOffset(int panel) {
    return from + panel * panelWords(format, Kernels.PANEL_ROWS, columns);
  }

  /**
   * Where in {@link #words} a panel's columns from {@code column} on begin, MXFP4 with the scales;
   * the column is a multiple of {@link #GROUP}.
   */
  int groupOffset(int panel, int column) {
    return panelOffset(panel) + panelWords(format, panelRows(panel), column);
  }

  /** The weight in row {@code r} of a panel: the layout's definition, and exact for all scales. */
  float value(int panel, int r, int column) {
    int width = panelRows(panel);
    int group = groupOffset(panel, column / GROUP * GROUP);
    int inGroup = column % GROUP;
    return switch (format) {
      case MXFP4 -> {
        int code = words[group + (1 + inGroup / CODES) * width + r] >>> nibble(column) & 0xF;
        int scale = words[group + r] >>> (inGroup / BLOCK * Byte.SIZE) & 0xFF;
        yield VALUES[code] * Math.scalb(1f, scale - 127);
      }
      case BF16 -> Float.intBitsToFloat(half(group, inGroup, r, width) << Short.SIZE);
      case F16 -> HalfFloat.toFloat((short) half(group, inGroup, r, width));
      case F32 -> Float.intBitsToFloat(words[group + inGroup * width + r]);
    };
  }

  private int half(int group, int inGroup, int r, int panelRows) {
    int width = ceilDiv(panelRows, 2);
    int word = words[group + inGroup * width + r % width];
    return r < width ? word & 0xFFFF : word >>> Short.SIZE;
  }

  /** Where in its word the code of a column begins. */
  static int nibble(int column) {
    int i = column % CODES;
    return i / 2 * 4 + i % 2 * Short.SIZE;
  }
}

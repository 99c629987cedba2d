package io.github.gptoss.engine.backend.cpu;

import java.util.Random;

/** Packed matrices of random weights, as the packer leaves them. */
final class RandomMatrix {
  private RandomMatrix() {}

  /** Weights of about unit size; no scale is a NaN's. */
  static PackedMatrix of(PackedMatrix.Format format, int rows, int columns, Random random) {
    int[] words = new int[(int) PackedMatrix.words(format, rows, columns)];
    PackedMatrix matrix = new PackedMatrix(format, rows, columns, words, 0, 123);
    for (int i = 0; i < words.length; i++) {
      words[i] =
          switch (format) {
            case MXFP4 -> codes(random);
            case BF16 -> bits(random) >>> 16 | bits(random) & 0xFFFF0000;
            case F32 -> bits(random);
            case F16 -> throw new IllegalArgumentException("no benchmark has float16 weights");
          };
    }
    if (format == PackedMatrix.Format.MXFP4) {
      for (int panel = 0; panel < matrix.panels(); panel++) {
        for (int k = 0; k < columns; k += PackedMatrix.GROUP) {
          for (int r = 0; r < matrix.panelRows(panel); r++) {
            words[matrix.groupOffset(panel, k) + r] = 0x78787878 | random.nextInt() & 0x03030303;
          }
        }
      }
    }
    return matrix;
  }

  private static int codes(Random random) {
    int word = 0;
    for (int i = 0; i < 8; i++) {
      word = word << 4 | random.nextInt(16);
    }
    return word;
  }

  private static int bits(Random random) {
    return Float.floatToRawIntBits((float) random.nextGaussian());
  }

  static float[] floats(int n, Random random) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }
}

package io.github.gptoss.engine.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Packed matrices of random weights, in off-heap memory as the packer leaves them. */
final class RandomMatrix {
  private RandomMatrix() {}

  /** Weights of about unit size; no scale is a NaN's. */
  static PackedMatrix of(PackedMatrix.Format format, int rows, int columns, Random random) {
    return switch (format) {
      case MXFP4 -> mxfp4(rows, columns, random);
      case BF16 -> bf16(rows, columns, random);
      case F16 -> throw new IllegalArgumentException("no benchmark has float16 weights");
      case F32 -> f32(rows, columns, random);
    };
  }

  private static PackedMatrix mxfp4(int rows, int columns, Random random) {
    ByteBuffer codes = direct(rows * columns / 2);
    for (int i = 0; i < codes.capacity(); i++) {
      codes.put(i, (byte) (random.nextInt(15) | (random.nextInt(15) << 4)));
    }
    ByteBuffer scales = direct(rows * columns / 32);
    for (int i = 0; i < scales.capacity(); i++) {
      scales.put(i, (byte) (120 + random.nextInt(4)));
    }
    return PackedMatrix.of(PackedMatrix.Format.MXFP4, rows, columns, codes, scales);
  }

  private static PackedMatrix bf16(int rows, int columns, Random random) {
    ByteBuffer codes = direct(rows * columns * Short.BYTES);
    for (int i = 0; i < rows * columns; i++) {
      int bits = Float.floatToRawIntBits((float) random.nextGaussian());
      codes.putShort(i * Short.BYTES, (short) (bits >>> 16));
    }
    return PackedMatrix.of(PackedMatrix.Format.BF16, rows, columns, codes, null);
  }

  private static PackedMatrix f32(int rows, int columns, Random random) {
    ByteBuffer codes = direct(rows * columns * Float.BYTES);
    for (int i = 0; i < rows * columns; i++) {
      codes.putFloat(i * Float.BYTES, (float) random.nextGaussian());
    }
    return PackedMatrix.of(PackedMatrix.Format.F32, rows, columns, codes, null);
  }

  static float[] floats(int n, Random random) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

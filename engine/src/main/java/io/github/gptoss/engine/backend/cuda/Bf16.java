package io.github.gptoss.engine.backend.cuda;

/** Bfloat16 as bits: the upper half of a float32. */
final class Bf16 {
  private Bf16() {}

  /** Rounded to nearest, ties to even. */
  static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}

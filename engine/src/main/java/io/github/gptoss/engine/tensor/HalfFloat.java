package io.github.gptoss.engine.tensor;

/** IEEE 754 binary16, a subset of float32. */
public final class HalfFloat {
  private static final float SUBNORMAL_UNIT = 0x1p-24f;

  private HalfFloat() {}

  public static float toFloat(short bits) {
    int exponent = (bits >>> 10) & 0x1F;
    int mantissa = bits & 0x3FF;
    int sign = (bits & 0x8000) << 16;
    if (exponent == 0) {
      return Float.intBitsToFloat(Float.floatToRawIntBits(mantissa * SUBNORMAL_UNIT) | sign);
    }
    // Infinity and NaN keep an exponent of all ones; the others change their bias from 15 to 127.
    int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (wide << 23) | (mantissa << 13));
  }
}

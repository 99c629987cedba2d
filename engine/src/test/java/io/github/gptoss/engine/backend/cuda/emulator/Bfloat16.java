package io.github.gptoss.engine.backend.cuda.emulator;

/** bfloat16 of the tests' own, independent of the engine's. */
final class Bfloat16 {
  private Bfloat16() {}

  static double toDouble(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest, ties to even. */
  static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}

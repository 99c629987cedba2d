package io.github.gptoss.engine.backend.cpu;

/** Element functions in the exact operation order that the vector kernels follow lane by lane. */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants are quoted as published
final class ScalarMath {
  /** exp underflows to 0 below this argument (ln of half the smallest normal float32). */
  static final float EXP_LEAST = -87.33654f;

  /** exp stays finite up to this argument. */
  static final float EXP_MOST = 88.37626f;

  static final float LOG2_E = 1.44269504f;

  /** ln 2 split so that n * LN2_HIGH is exact for the exponents that occur (Cody and Waite). */
  static final float LN2_HIGH = 0.693359375f;

  static final float LN2_LOW = -2.12194440e-4f;

  /** Adding and subtracting 1.5 * 2^23 rounds a float32 below 2^22 to the nearest integer. */
  static final float ROUND_MAGIC = 12582912f;

  // Minimax coefficients of (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2: Cephes expf, S. Moshier.
  static final float C0 = 1.9875691500e-4f;
  static final float C1 = 1.3981999507e-3f;
  static final float C2 = 8.3334519073e-3f;
  static final float C3 = 4.1665795894e-2f;
  static final float C4 = 1.6666665459e-1f;
  static final float C5 = 5.0000001201e-1f;

  /** Slope of the sigmoid in gpt-oss's SwiGLU. */
  static final float SWIGLU_ALPHA = 1.702f;

  private ScalarMath() {}

  /** e^x to 2 ulp; 0 below {@link #EXP_LEAST}, clamped at {@link #EXP_MOST}, NaN for NaN. */
  static float exp(float x) {
    float c = Math.min(x, EXP_MOST);
    float n = Math.fma(c, LOG2_E, ROUND_MAGIC) - ROUND_MAGIC;
    float r = Math.fma(n, -LN2_HIGH, c);
    r = Math.fma(n, -LN2_LOW, r);
    float p = Math.fma(C0, r, C1);
    p = Math.fma(p, r, C2);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C5);
    p = Math.fma(p, r * r, r) + 1f;
    float power = Float.intBitsToFloat(((int) n + 127) << 23);
    return x < EXP_LEAST ? 0f : p * power;
  }

  /** Clamped SwiGLU, as {@link Kernels#swiglu}. */
  static float swiglu(float gate, float up, float limit) {
    float g = Math.min(gate, limit);
    float u = Math.max(Math.min(up, limit), -limit);
    float s = 1f / (1f + exp(-(SWIGLU_ALPHA * g)));
    return g * s * (u + 1f);
  }

  /** Adds 16 partial sums pairwise, in place: halves, quarters, eighths, sixteenths. */
  static float addPairwise(float[] partial) {
    for (int width = Kernels.PARTIAL_SUMS / 2; width > 0; width /= 2) {
      for (int j = 0; j < width; j++) {
        partial[j] += partial[j + width];
      }
    }
    return partial[0];
  }
}

package io.github.gptoss.engine.sampling;

/**
 * exp(x) for x in [{@value #LOWEST}, 0] from {@code +} and {@code *} alone, so that it is
 * bit-identical everywhere and the compiler can vectorise a loop over it.
 *
 * <p>exp(x) = exp(x / 512)^512: a Taylor polynomial of degree 9, then nine squarings. Relative
 * error below 3e-13 from -60 to 0 and below 3e-11 from {@value #LOWEST}; exp(0) is exactly 1.
 */
final class Exp {
  /** exp(x) of it is less than the smallest float32. */
  static final float LOWEST = -104f;

  private Exp() {}

  static double exp(double x) {
    double t = x * 0x1p-9;
    double y = 1 / 362880.0;
    y = y * t + 1 / 40320.0;
    y = y * t + 1 / 5040.0;
    y = y * t + 1 / 720.0;
    y = y * t + 1 / 120.0;
    y = y * t + 1 / 24.0;
    y = y * t + 1 / 6.0;
    y = y * t + 0.5;
    y = y * t + 1;
    y = y * t + 1;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    return y * y;
  }

  /** Replaces the first n values by their exp. */
  static void exp(double[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = exp(x[i]);
    }
  }
}

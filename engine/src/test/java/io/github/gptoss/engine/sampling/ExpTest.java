package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExpTest {
  @Test
  void staysWithinTheStatedErrors() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1_000_000; i++) {
      double x = -60 * random.nextDouble();
      assertThat(relativeError(x)).as("exp(%s)", x).isLessThan(3e-13);
      x = Exp.LOWEST * random.nextDouble();
      assertThat(relativeError(x)).as("exp(%s)", x).isLessThan(3e-11);
    }
    assertThat(relativeError(Exp.LOWEST)).isLessThan(3e-11);
  }

  @Test
  void isExactlyOneAtZero() {
    assertThat(Exp.exp(0)).isEqualTo(1);
    assertThat(Exp.exp(-0.0)).isEqualTo(1);
  }

  @Test
  void isZeroInFloatAtTheLowest() {
    assertThat((float) Exp.exp(Exp.LOWEST)).isZero();
  }

  @Test
  void arrayFormGivesTheSameBitsAsOneByOne() {
    SplittableRandom random = new SplittableRandom(2);
    for (int n = 0; n < 300; n++) {
      double[] x = random.doubles(n + 3, Exp.LOWEST, 0).toArray();
      double[] expected = x.clone();
      for (int i = 0; i < n; i++) {
        expected[i] = Exp.exp(x[i]);
      }
      Exp.exp(x, n);
      assertThat(x).isEqualTo(expected);
    }
  }

  private static double relativeError(double x) {
    double exact = StrictMath.exp(x);
    return Math.abs(Exp.exp(x) - exact) / exact;
  }
}

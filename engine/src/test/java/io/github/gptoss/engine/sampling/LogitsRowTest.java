package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LogitsRowTest {
  /** The set may be smaller or larger than the row, and any logit may be -infinity. */
  @Property(tries = 300)
  void keepsAllowedTokensAndNoOthers(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 600) int size,
      @ForAll @IntRange(min = 1, max = 700) int bound) {
    Random random = new Random(seed);
    float[] logits = new float[size + 3];
    double share = random.nextDouble();
    for (int i = 0; i < logits.length; i++) {
      logits[i] =
          random.nextDouble() < share
              ? Float.NEGATIVE_INFINITY
              : (float) (50 * random.nextGaussian());
    }
    TokenSet allowed = new TokenSet(bound);
    for (int i = random.nextInt(bound); i > 0; i--) {
      allowed.add(random.nextInt(bound));
    }
    LogitsRow row = new LogitsRow();
    row.load(logits, 3, size);
    row.keepOnly(allowed);
    boolean isAnyFinite =
        IntStream.range(0, size).anyMatch(i -> allowed.contains(i) && logits[i + 3] > -1e30);
    for (int i = 0; i < size; i++) {
      float expected =
          !allowed.contains(i) ? Float.NEGATIVE_INFINITY : isAnyFinite ? logits[i + 3] : 0;
      assertThat(row.value(i)).as("token %d", i).isEqualTo(expected);
    }
  }
}

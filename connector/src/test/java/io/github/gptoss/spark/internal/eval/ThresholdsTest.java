package io.github.gptoss.spark.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptoss.spark.internal.eval.Thresholds.Attempt;
import io.github.gptoss.spark.internal.eval.Thresholds.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThresholdsTest {
  private static final int TRIALS = 1000;

  /** Problems whose cheap answer is right as often as a power of its confidence says. */
  private record World(double overconfidence, double highAccuracy) {
    List<Attempt> draw(Random random) {
      double confidence = random.nextDouble();
      double ease = Math.pow(confidence, overconfidence);
      return List.of(
          new Attempt(confidence, true, false, random.nextDouble() < ease, 10),
          new Attempt(0.5, true, false, random.nextDouble() < highAccuracy, 100));
    }

    List<List<Attempt>> sample(Random random, int problems) {
      List<List<Attempt>> sample = new ArrayList<>();
      for (int i = 0; i < problems; i++) {
        sample.add(draw(random));
      }
      return sample;
    }

    /**
     * The cascade's accuracy by integration: below the threshold the high effort answers, from it
     * on the low one, of which confidence^k is right.
     */
    double accuracy(double threshold) {
      double k = overconfidence + 1;
      return threshold * highAccuracy + (1 - Math.pow(threshold, k)) / k;
    }
  }

  @Test
  void theWorldsAccuracyIsThatOfItsDraws() {
    World world = new World(0.5, 0.9);
    List<List<Attempt>> many = world.sample(new Random(3), 200_000);
    for (Thresholds.Step step : Thresholds.find(many, 0.5, 0.05).steps()) {
      assertThat(step.accuracy())
          .as("threshold %s", step.minConfidence())
          .isCloseTo(world.accuracy(step.minConfidence()), within(0.005));
    }
  }

  /**
   * The promise holds in at least 1 - delta of the trials, over worlds in which accuracy falls
   * slowly or at once, is the same at each threshold, or just below what is promised from the first
   * threshold on, where a careless search errs most.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 0.92, 0.85, 0.1, 300",
    "0.2, 0.95, 0.9, 0.05, 200",
    "3, 0.9, 0.8, 0.1, 500",
    "0.25, 0.8, 0.79, 0.2, 150",
    "1, 0.899, 0.9, 0.1, 300",
    "1, 0.849, 0.85, 0.1, 1000",
    "0.1111, 0.8999, 0.9, 0.1, 400"
  })
  void thePromiseHolds(double overconfidence, double high, double target, double delta, int n) {
    World world = new World(overconfidence, high);
    Random random = new Random(42);
    int kept = 0;
    int found = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      Double threshold = Thresholds.find(world.sample(random, n), target, delta).minConfidence();
      found += threshold == null ? 0 : 1;
      kept += threshold == null || world.accuracy(threshold) >= target ? 1 : 0;
    }
    assertThat(kept)
        .as("found in %s trials", found)
        .isGreaterThanOrEqualTo((int) (TRIALS * (1 - delta)));
    if (high > target + 0.05) {
      assertThat(found).isGreaterThan(TRIALS / 2);
    }
  }

  /** The same search without its exact bound breaks the promise: the test above can fail. */
  @Test
  void theSamplesOwnAccuracyIsNoPromise() {
    World world = new World(1, 0.92);
    Random random = new Random(42);
    int kept = 0;
    for (int trial = 0; trial < 300; trial++) {
      Found found = Thresholds.find(world.sample(random, 300), 0.01, 0.1);
      double least =
          found.steps().stream()
              .filter(step -> step.accuracy() >= 0.85)
              .mapToDouble(Thresholds.Step::minConfidence)
              .min()
              .orElse(1);
      kept += world.accuracy(least) >= 0.85 ? 1 : 0;
    }
    assertThat(kept).isLessThan(270);
  }

  @Test
  void countsWhatTheCascadeGenerates() {
    List<List<Attempt>> problems = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      double confidence = i % 4 == 0 ? 0.6 : 0.97;
      problems.add(
          List.of(
              new Attempt(confidence, true, false, i % 4 != 0, 10),
              new Attempt(0.99, true, false, true, 50)));
    }
    Found found = Thresholds.find(problems, 0.9, 0.05);
    assertThat(found.minConfidence()).isEqualTo(0.65);
    assertThat(found.step().accuracy()).isEqualTo(1);
    assertThat(found.step().askedAgain()).isEqualTo(0.25);
    assertThat(found.step().tokensPerProblem()).isEqualTo(10 + 0.25 * 50);
    assertThat(found.highestTokensPerProblem()).isEqualTo(50);
    assertThat(found.savedTokens()).isCloseTo(1 - 22.5 / 50, within(1e-12));
    assertThat(Thresholds.find(problems, 0.99, 0.05).minConfidence()).isNull();
    assertThat(Thresholds.find(problems, 0.99, 0.05).savedTokens()).isNull();
  }

  /** As the engine's cascade does: errors and empty answers do not stand, refusals do. */
  @Test
  void takesTheAnswersThatTheCascadeTakes() {
    Attempt next = new Attempt(0.9, true, false, true, 7);
    assertThat(new Attempt(null, true, false, true, 1).stands(1)).isTrue();
    assertThat(new Attempt(null, false, false, false, 1).stands(0)).isFalse();
    assertThat(new Attempt(null, false, true, false, 0).stands(1)).isTrue();
    assertThat(new Attempt(0.5, true, false, true, 1).stands(0.5)).isTrue();
    assertThat(new Attempt(0.5, true, false, true, 1).stands(0.51)).isFalse();
    Found found =
        Thresholds.find(
            List.of(List.of(new Attempt(1.0, false, false, false, 3), next)), 0.01, 0.5);
    assertThat(found.step().tokensPerProblem()).isEqualTo(10);
    assertThat(found.step().accuracy()).isEqualTo(1);
  }
}

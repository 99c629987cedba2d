package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the least {@code min_confidence} with which the cascade keeps a promise: that its answers
 * are right with at least the wanted accuracy, on problems like those of the labelled sample.
 *
 * <p>Fixed-sequence testing: thresholds that were chosen before any label was seen are tested from
 * the highest down, each by the exact binomial bound at level delta, until one fails; the last that
 * passed is taken. Of the thresholds that break the promise, one comes first in that order; only if
 * its own test errs, with a probability of at most delta, is any of them taken. So the promise
 * holds with a probability of at least 1 - delta, for any number of problems, however accuracy
 * depends on the threshold (Angelopoulos and others, Learn then Test, 2021, section 2.2.1).
 */
final class Thresholds {
  /** Chosen before any label is seen; the first asks again for all answers but certain ones. */
  private static final double[] TESTED = {
    1, 0.999, 0.998, 0.995, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.94, 0.92, 0.9, 0.88, 0.85, 0.8,
    0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0
  };

  private Thresholds() {}

  /**
   * One problem at one effort.
   *
   * @param confidence null where the answer has none, which the cascade takes as sure
   * @param answers whether there is an answer, and no error
   * @param isRefused whether nothing was generated, which the cascade does not try again
   * @param tokens that were generated
   */
  record Attempt(
      Double confidence, boolean answers, boolean isRefused, boolean isCorrect, long tokens) {
    boolean stands(double threshold) {
      return isRefused || answers && (confidence == null || confidence >= threshold);
    }
  }

  /**
   * What the cascade makes of the sample with one threshold.
   *
   * @param accuracy the share of problems that it answers right
   * @param bound that the accuracy is above, with the wanted probability
   * @param tokensPerProblem of all its attempts
   * @param askedAgain the share of problems that went beyond the first effort
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Step(
      double minConfidence,
      double accuracy,
      double bound,
      double tokensPerProblem,
      double askedAgain) {}

  /**
   * What was found.
   *
   * @param minConfidence null where no threshold keeps the promise
   * @param highestTokensPerProblem of the highest effort for all problems
   * @param highestAccuracy of that effort
   * @param savedTokens the share of those tokens that the cascade does not generate; null where no
   *     threshold was found
   * @param steps the thresholds that were tested, the highest first; the last may have failed
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Found(
      double targetAccuracy,
      double delta,
      int problems,
      Double minConfidence,
      double highestTokensPerProblem,
      double highestAccuracy,
      Double savedTokens,
      List<Step> steps) {

    /** The step of the threshold that was found; null if none was. */
    Step step() {
      return steps.stream()
          .filter(step -> minConfidence != null && step.minConfidence() == minConfidence)
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * Searches.
   *
   * @param problems for each, its attempts at all efforts, the lowest first; independent of each
   *     other, so that each problem is there once
   */
  static Found find(List<List<Attempt>> problems, double targetAccuracy, double delta) {
    List<Step> steps = new ArrayList<>();
    Step taken = null;
    for (double threshold : TESTED) {
      Step step = step(problems, threshold, delta);
      steps.add(step);
      if (step.bound() < targetAccuracy) {
        break;
      }
      taken = step;
    }
    List<Attempt> highest = problems.stream().map(all -> all.get(all.size() - 1)).toList();
    double tokens = highest.stream().mapToLong(Attempt::tokens).average().orElse(0);
    return new Found(
        targetAccuracy,
        delta,
        problems.size(),
        taken == null ? null : taken.minConfidence(),
        tokens,
        Score.share(highest.stream().filter(Attempt::isCorrect).count(), problems.size()),
        taken == null ? null : 1 - taken.tokensPerProblem() / tokens,
        steps);
  }

  private static Step step(List<List<Attempt>> problems, double threshold, double delta) {
    int right = 0;
    long tokens = 0;
    long askedAgain = 0;
    for (List<Attempt> attempts : problems) {
      int at = 0;
      tokens += attempts.get(at).tokens();
      while (at < attempts.size() - 1 && !attempts.get(at).stands(threshold)) {
        at++;
        tokens += attempts.get(at).tokens();
      }
      askedAgain += at > 0 ? 1 : 0;
      right += attempts.get(at).isCorrect() ? 1 : 0;
    }
    return new Step(
        threshold,
        Score.share(right, problems.size()),
        Interval.exactLowerBound(right, problems.size(), delta),
        Score.share(tokens, problems.size()),
        Score.share(askedAgain, problems.size()));
  }
}

package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What the answers of one effort and group are worth.
 *
 * @param group null for all groups together
 * @param samples those that were graded
 * @param passAt1 the mean over problems of the share of their samples that are right
 * @param passAt1Bootstrap its interval, with problems drawn again
 * @param passAt1Wilson the interval of the share of right samples, as if they were independent
 * @param majority the share of problems whose most frequent answer is right; of several equally
 *     frequent ones, one is drawn
 * @param meanScore the mean over problems of their samples' mean score; other than {@code passAt1}
 *     only where answers have parts
 * @param meanScoreBootstrap its interval, with problems drawn again
 * @param ungraded samples whose key the grader does not know; in no other figure
 * @param truncatedShare of the samples, those that ran out of tokens; as the next two
 * @param unparsedShare answers of which the grader can read nothing
 * @param errorShare samples without an answer for another reason
 * @param seconds the run's, shared out by generated tokens; null where the run generated none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record Score(
    String effort,
    String group,
    long problems,
    long samples,
    double passAt1,
    Interval passAt1Bootstrap,
    Interval passAt1Wilson,
    double majority,
    Interval majorityBootstrap,
    double meanScore,
    Interval meanScoreBootstrap,
    long ungraded,
    double truncatedShare,
    double unparsedShare,
    double errorShare,
    long inputTokens,
    long outputTokens,
    long reasoningTokens,
    Double seconds) {

  /**
   * @param secondsPerToken of the run; null where it generated none
   */
  static Score of(Tally tally, Double secondsPerToken) {
    Tally.Totals totals = tally.totals();
    double[] passRates = values(tally.problems(), Tally.Problems::passRate);
    double[] votes = values(tally.problems(), Tally.Problems::vote);
    double[] scores = values(tally.problems(), Tally.Problems::score);
    return new Score(
        tally.effort(),
        tally.group(),
        tally.problemCount(),
        totals.graded(),
        mean(passRates),
        Interval.bootstrap(passRates),
        Interval.wilson(totals.right(), totals.graded()),
        mean(votes),
        Interval.bootstrap(votes),
        mean(scores),
        Interval.bootstrap(scores),
        totals.samples() - totals.graded(),
        share(totals.truncated(), totals.samples()),
        share(totals.unparsed(), totals.samples()),
        share(totals.errors(), totals.samples()),
        totals.inputTokens(),
        totals.outputTokens(),
        totals.reasoningTokens(),
        secondsPerToken == null ? null : secondsPerToken * totals.outputTokens());
  }

  /** One value for each problem. */
  private static double[] values(
      List<Tally.Problems> problems, ToDoubleFunction<Tally.Problems> value) {
    double[] values =
        new double[Math.toIntExact(problems.stream().mapToLong(Tally.Problems::count).sum())];
    int at = 0;
    for (Tally.Problems alike : problems) {
      for (long i = 0; i < alike.count(); i++) {
        values[at++] = value.applyAsDouble(alike);
      }
    }
    return values;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** 0 of nothing. */
  static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}

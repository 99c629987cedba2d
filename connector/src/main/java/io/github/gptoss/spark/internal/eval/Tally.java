package io.github.gptoss.spark.internal.eval;

import java.util.List;
import java.util.stream.Stream;

/**
 * The rows of one effort and group, counted.
 *
 * @param group null for all groups together
 * @param problems of equal outcomes, counted together
 * @param totals of its samples
 */
record Tally(String effort, String group, List<Problems> problems, Totals totals) {
  /**
   * Problems whose samples came out alike.
   *
   * @param count how many there are
   * @param samples of each
   * @param right samples of each that are right
   * @param vote the share of the most frequent answers that are right: 0 or 1 unless several are
   *     equally frequent
   * @param score the mean over the samples of each
   */
  record Problems(long count, long samples, long right, double vote, double score) {
    double passRate() {
      return (double) right / samples;
    }
  }

  /**
   * Sums over samples.
   *
   * @param samples all of them
   * @param graded those whose key the grader knows
   * @param truncated samples that ran out of tokens
   * @param errors samples without an answer for another reason
   * @param unparsed answers of which the grader can read nothing
   */
  record Totals(
      long samples,
      long graded,
      long right,
      long truncated,
      long errors,
      long unparsed,
      long inputTokens,
      long outputTokens,
      long reasoningTokens) {
    Totals plus(Totals other) {
      return new Totals(
          samples + other.samples,
          graded + other.graded,
          right + other.right,
          truncated + other.truncated,
          errors + other.errors,
          unparsed + other.unparsed,
          inputTokens + other.inputTokens,
          outputTokens + other.outputTokens,
          reasoningTokens + other.reasoningTokens);
    }
  }

  /** The same, not told apart by groups. */
  Tally ofAllGroups() {
    return new Tally(effort, null, problems, totals);
  }

  /** Both groups together. */
  Tally with(Tally other) {
    return new Tally(
        effort,
        null,
        Stream.concat(problems.stream(), other.problems.stream()).toList(),
        totals.plus(other.totals));
  }

  long problemCount() {
    return problems.stream().mapToLong(Problems::count).sum();
  }
}

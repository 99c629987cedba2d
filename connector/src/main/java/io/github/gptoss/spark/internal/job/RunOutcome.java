package io.github.gptoss.spark.internal.job;

/**
 * What a run found done before it.
 *
 * @param skippedRows rows that the output had already
 * @param changedRows rows of the output whose prompt has changed in the input
 */
record RunOutcome(long skippedRows, long changedRows) {
  static final RunOutcome NONE = new RunOutcome(0, 0);
}

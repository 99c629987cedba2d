package io.github.gptoss.spark.job;

/** Ends a job whose share of failed rows is too large. Thread-safe. */
final class ErrorLimit {
  private final Double share;
  private final long leastRows;
  private TooManyErrorsException exceeded;

  /**
   * @param share of rows, 0 to 1; null for no limit
   * @param leastRows rows before the share means anything
   */
  ErrorLimit(Double share, long leastRows) {
    this.share = share;
    this.leastRows = leastRows;
  }

  /** Whether the limit is passed, now for the first time. */
  synchronized boolean isNewlyExceeded(long rows, long errors) {
    if (share == null || exceeded != null || rows < leastRows || errors <= share * rows) {
      return false;
    }
    exceeded = JobErrors.tooManyErrors(errors, rows, share);
    return true;
  }

  /** What the job ends with; null while the limit holds. */
  synchronized TooManyErrorsException exceeded() {
    return exceeded;
  }
}

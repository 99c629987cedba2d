package io.github.gptoss.spark.internal.job;

/** Ends a job whose share of failed rows is too large. Thread-safe. */
final class ErrorLimit {
  private final JobSpec.ErrorAllowance allowance;
  private JobErrors.TooManyErrorsException exceeded;

  ErrorLimit(JobSpec.ErrorAllowance allowance) {
    this.allowance = allowance;
  }

  /** Takes note of the rows so far; what once exceeded the limit stays so. */
  synchronized void note(long rows, long errors) {
    Double share = allowance.share();
    if (exceeded == null
        && share != null
        && rows >= allowance.leastRows()
        && errors > share * rows) {
      exceeded = JobErrors.tooManyErrors(errors, rows, share);
    }
  }

  /** What the job ends with; null while the limit holds. */
  synchronized JobErrors.TooManyErrorsException exceeded() {
    return exceeded;
  }
}

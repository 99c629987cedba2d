package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import java.io.IOException;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Completes rows of the output again and puts them in the place of what they were, in one commit
 * that rewrites no more than the files that hold them. Needs no ids: what goes and what comes are
 * the rows that one condition holds for.
 *
 * @param codes condition on the code of a row's error
 * @param part of the job, for its journal
 */
record RetryRun(RunParts parts, String codes, String part) {
  private static final String CONSTRAINT_CHECK =
      "spark.databricks.delta.replaceWhere.constraintCheck.enabled";

  /**
   * What was done.
   *
   * @param rows that were completed again, as they were before
   */
  record Outcome(Dataset<Row> rows, JobSummary.DoneBefore done) {}

  /** All rows that failed. */
  static RetryRun ofErrors(RunParts parts) {
    return new RetryRun(parts, "IS NOT NULL", "retry");
  }

  /** Rows that the budget of an earlier run left. */
  static RetryRun ofLeftRows(RunParts parts) {
    return new RetryRun(parts, "= '" + Budget.EXCEEDED + "'", "left");
  }

  Outcome run() throws IOException {
    if (!parts.output().exists()) {
      throw JobErrors.nothingToRetry(parts.job().output().name());
    }
    long version = parts.output().version();
    Dataset<Row> table = parts.output().read(version);
    String completion = parts.values().text(OptionKey.OUTPUT_COL);
    String failed = ColumnPath.quoted(completion) + ".error_code " + codes;
    Dataset<Row> rows = table.where(failed);
    long failedRows = rows.count();
    if (failedRows > 0) {
      parts.openWhereTasksRun();
      parts.progress().expect(failedRows);
      CompletionStore.Factory journal = parts.journal(part);
      Dataset<Row> again = parts.complete(parts.uncompleted(rows), journal);
      replace(again, failed, version);
      parts.done(journal);
    }
    return new Outcome(rows, new JobSummary.DoneBefore(table.count() - failedRows, 0));
  }

  /** Rows that failed since that version would go and not come back. */
  private void replace(Dataset<Row> rows, String condition, long version) throws IOException {
    DataFrameWriter<Row> writer =
        parts.commit(rows).mode("overwrite").option("replaceWhere", condition);
    String output = parts.job().output().name();
    if (parts.output().version() != version) {
      throw JobErrors.outputChanged(output);
    }
    // The new rows are those that the condition held for, and need not fail again.
    try (Settings unchecked = Settings.of(parts.spark()).with(CONSTRAINT_CHECK, "false")) {
      parts.save(writer, rows);
    }
    // The write may have begun a moment after the version was looked at.
    if (parts.output().history().readVersion(parts.runId()) != version) {
      throw JobErrors.replacedTooMuch(output, version);
    }
  }
}

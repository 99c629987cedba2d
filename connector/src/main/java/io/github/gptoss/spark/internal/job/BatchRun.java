package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import java.io.IOException;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Completes the rows of the input, or those that the output lacks, in one commit. */
record BatchRun(RunParts parts) {
  /**
   * @param rows of the input
   */
  JobSummary.DoneBefore run(Dataset<Row> input, long rows) throws IOException {
    String application = parts.state().job();
    boolean exists = parts.output().exists();
    if (exists && parts.job().output().resumes()) {
      return new CatchUp(parts, false).run(input, rows, application);
    }
    if (rows == 0 && exists) {
      return JobSummary.DoneBefore.NOTHING;
    }
    if (rows > 0) {
      parts.openWhereTasksRun();
    }
    parts.progress().expect(rows);
    CompletionStore.Factory journal = parts.journal("batch");
    Dataset<Row> completed = parts.complete(input, journal);
    long version = exists ? parts.output().version() + 1 : 0;
    DataFrameWriter<Row> writer = parts.append(completed, application, version);
    if (parts.job().output().mode() == JobSpec.OutputMode.OVERWRITE) {
      writer = writer.mode("overwrite").option("overwriteSchema", "true");
    }
    parts.save(writer, completed);
    parts.done(journal);
    return JobSummary.DoneBefore.NOTHING;
  }
}

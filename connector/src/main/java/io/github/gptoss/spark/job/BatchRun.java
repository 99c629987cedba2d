package io.github.gptoss.spark.job;

import io.github.gptoss.spark.executor.CompletionStore;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Completes the rows that the output lacks and adds them in one commit. Its number in the job's
 * commits is that of the table's version that it was computed from: of two drivers that began with
 * the same version only one gets its rows in.
 */
final class BatchRun {
  private final RunParts parts;
  private final JobCommand job;

  BatchRun(RunParts parts) {
    this.parts = parts;
    this.job = parts.job();
  }

  /**
   * @param rows of the input
   * @return rows that the output had already
   */
  long run(Dataset<Row> input, long rows, String idColumn) throws Exception {
    boolean exists = parts.output().exists();
    long version = exists ? parts.output().version() + 1 : 0;
    Dataset<Row> pending = input;
    long pendingRows = rows;
    if (exists && job.outputMode == JobCommand.OutputMode.resume) {
      if (idColumn == null) {
        throw JobErrors.needsIdColumn(job.output);
      }
      pending = PendingRows.of(input, parts.output().read(version - 1), idColumn);
      pendingRows = pending.count();
    }
    if (pendingRows == 0 && exists) {
      return rows;
    }
    if (pendingRows > 0) {
      JobRun.openWhereTasksRun(parts);
    }
    parts.progress().expect(pendingRows);
    String path = parts.output().path();
    CompletionStore.Factory journal = parts.journal("batch");
    DataFrameWriter<Row> writer = parts.append(parts.complete(pending, journal), version);
    if (job.outputMode == JobCommand.OutputMode.overwrite) {
      writer = writer.mode("overwrite").option("overwriteSchema", "true");
    }
    writer.save(path);
    parts.done(journal);
    return rows - pendingRows;
  }
}

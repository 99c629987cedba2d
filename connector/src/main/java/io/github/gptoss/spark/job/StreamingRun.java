package io.github.gptoss.spark.job;

import io.github.gptoss.spark.executor.CompletionStore;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Completes the rows that the input has got since the last run, in batches of its files. The
 * checkpoint says which files are done; a batch is committed once, since the commit carries its
 * number.
 */
final class StreamingRun {
  private final RunParts parts;

  StreamingRun(RunParts parts) {
    this.parts = parts;
  }

  /**
   * @param rows of the input
   * @return rows that the output had already
   */
  long run(long rows) throws Exception {
    boolean exists = parts.output().exists();
    if (!exists && parts.folder().hasCommits()) {
      throw JobErrors.outputGone(parts.job().output, parts.folder().checkpoint());
    }
    long done = exists ? parts.output().read(parts.output().version()).count() : 0;
    if (rows > done) {
      JobRun.openWhereTasksRun(parts);
    }
    parts.progress().expect(Math.max(0, rows - done));
    StreamingQuery query =
        parts
            .spark()
            .readStream()
            .format("delta")
            .option("maxFilesPerTrigger", parts.job().batchFiles)
            .load(parts.job().input)
            .writeStream()
            .option("checkpointLocation", parts.folder().checkpoint())
            .trigger(Trigger.AvailableNow())
            .foreachBatch(this::complete)
            .start();
    query.awaitTermination();
    return done;
  }

  private void complete(Dataset<Row> batch, Long number) {
    CompletionStore.Factory journal = parts.journal("batch-" + number);
    parts.append(parts.complete(batch, journal), number).save(parts.output().path());
    parts.done(journal);
  }
}

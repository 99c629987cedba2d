package io.github.gptoss.spark.job;

import io.github.gptoss.spark.call.ResolvedCall;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionStore;
import io.github.gptoss.spark.functions.TableCompletion;
import io.github.gptoss.spark.journal.Journal;
import java.util.Map;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What all ways to run the job share.
 *
 * @param call what rows are completed with, the same for the whole run
 * @param state whose commits the output gets
 * @param audit what they say; mutable
 */
record RunParts(
    SparkSession spark,
    JobCommand job,
    ResolvedCall call,
    JobFolder folder,
    JobFolder.State state,
    OutputTable output,
    JobProgress progress,
    String runId,
    Map<String, Object> audit) {

  OptionValues values() {
    return call.options();
  }

  /** The rows with their completions; lazy. */
  Dataset<Row> complete(Dataset<Row> rows, CompletionStore.Factory journal) {
    Dataset<Row> completed =
        TableCompletion.of(spark, rows.schema(), call).complete(rows, progress.counters(), journal);
    return job.escalateEffort
        ? new Escalation(this, rows.schema(), journal).of(completed, Escalation.first(values()))
        : completed;
  }

  /** A journal of its own for this part of the job; keeps nothing where the job is to have none. */
  CompletionStore.Factory journal(String part) {
    if (job.journal == JobCommand.JournalMode.off) {
      return CompletionStore.Factory.NONE;
    }
    Journal journal =
        new Journal(
            runId,
            folder.journal() + "/" + part,
            1000L * job.journalSeconds,
            spark.sparkContext().hadoopConfiguration(),
            progress.counters().skippedSegments,
            progress.counters().lostTokens);
    journal.create(output.path());
    return journal;
  }

  /** What the journal holds is in the output now. */
  void done(CompletionStore.Factory journal) {
    if (journal instanceof Journal written && job.journal == JobCommand.JournalMode.on) {
      written.delete();
    }
  }

  /**
   * A writer that adds rows, whose commit is made once, however often it is tried. Columns that are
   * new, of the input or by an option, come to the table with their first rows.
   *
   * @param version of the commit among those that add rows; grows
   */
  DataFrameWriter<Row> append(Dataset<Row> rows, long version) {
    return commit(rows)
        .option("txnAppId", state.job())
        .option("txnVersion", version)
        .mode("append");
  }

  DataFrameWriter<Row> commit(Dataset<Row> rows) {
    AuditTrail.identify(audit, spark, values());
    return rows.write()
        .format("delta")
        .option("userMetadata", AuditTrail.json(audit))
        .option("mergeSchema", "true");
  }
}

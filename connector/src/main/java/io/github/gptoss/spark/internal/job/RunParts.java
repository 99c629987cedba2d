package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.journal.Journal;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What all ways to run the job share.
 *
 * @param call the connector's options, and the version of the model that the whole run computes
 *     with
 * @param id column that identifies a row; null where there is none
 * @param state whose commits the output gets
 */
record RunParts(
    SparkSession spark,
    JobSpec job,
    ResolvedCall call,
    IdColumn id,
    JobFolder folder,
    JobFolder.State state,
    OutputTable output,
    JobProgress progress,
    String runId,
    AuditTrail audit) {

  OptionValues values() {
    return call.options();
  }

  /** The rows with their completions; lazy. */
  Dataset<Row> complete(Dataset<Row> rows, CompletionStore.Factory journal) {
    Dataset<Row> completed =
        TableCompletion.of(spark, rows.schema(), call).complete(rows, progress.counters(), journal);
    Dataset<Row> told =
        values().escalates()
            ? completed.withColumn(
                effortColumn(),
                functions.col(
                    ColumnPath.quoted(values().text(OptionKey.OUTPUT_COL)) + ".reasoning_effort"))
            : completed;
    return job.steps().after(told, call);
  }

  /** Rows of the output as they were before they were completed. */
  Dataset<Row> uncompleted(Dataset<Row> rows) {
    return rows.drop(values().text(OptionKey.OUTPUT_COL), effortColumn())
        .drop(job.steps().added().toArray(new String[0]));
  }

  /** The column that repeats which effort a row's completion was made with. */
  private String effortColumn() {
    return values().text(OptionKey.OUTPUT_COL) + "_effort";
  }

  /**
   * What tells whether the prompt of a row is still the same, as an expression over a table.
   *
   * @param table columns of the input, or of the output
   * @return empty where the table has no such prompt
   */
  Optional<Column> promptHash(StructType table) {
    StructType asked = withoutCompletion(table);
    try {
      Column prompt = TableCompletion.of(spark, asked, call).input().request();
      // Spark hashes no maps, which requests have.
      return Optional.of(functions.xxhash64(functions.to_json(functions.struct(prompt.as("p")))));
    } catch (InvalidConfigException e) {
      // The output was written from other columns.
      return Optional.empty();
    }
  }

  private StructType withoutCompletion(StructType table) {
    String completion = values().text(OptionKey.OUTPUT_COL);
    return new StructType(
        Arrays.stream(table.fields())
            .filter(field -> !field.name().equalsIgnoreCase(completion))
            .toArray(StructField[]::new));
  }

  /** A journal of its own for this part of the job; keeps nothing where the job is to have none. */
  CompletionStore.Factory journal(String part) {
    if (job.journal().mode() == JobSpec.JournalMode.OFF) {
      return CompletionStore.Factory.NONE;
    }
    Journal journal =
        new Journal(
            runId,
            folder.journal() + "/" + part,
            1000L * job.journal().seconds(),
            spark.sparkContext().hadoopConfiguration(),
            progress.counters().skippedSegments,
            progress.counters().lostTokens);
    journal.create(output.permissionsFrom(folder.path()));
    return journal;
  }

  /** What the journal holds is in the output now. */
  void done(CompletionStore.Factory journal) {
    if (journal instanceof Journal written && job.journal().mode() == JobSpec.JournalMode.ON) {
      // A part that stays is deleted, or named, at the end of the run with the whole folder.
      var unused = written.delete();
    }
  }

  /**
   * A writer that adds rows, whose commit is made once, however often it is tried. Columns that are
   * new, of the input or by an option, come to the table with their first rows.
   *
   * @param application names the commits among which the version grows
   * @param version of the commit
   */
  DataFrameWriter<Row> append(Dataset<Row> rows, String application, long version) {
    return commit(rows)
        .option("txnAppId", application)
        .option("txnVersion", version)
        .mode("append");
  }

  DataFrameWriter<Row> commit(Dataset<Row> rows) {
    return rows.write().format(JobSpec.DELTA).option("mergeSchema", "true");
  }

  /** Writes rows to the output by their writer, in a commit that says how it was made. */
  void save(DataFrameWriter<Row> writer, Dataset<Row> rows) throws IOException {
    output.save(writer, rows, audit.json());
  }

  /**
   * Where tasks run in this very process, opens their engine now: what is wrong with the model is
   * then said once and at once instead of by failing tasks.
   */
  void openWhereTasksRun() {
    if (spark.sparkContext().isLocal()) {
      EngineRegistry.shared().acquire(values(), Work.current()).close();
    }
  }
}

package io.github.gptoss.spark;

import io.github.gptoss.spark.call.CallOptions;
import io.github.gptoss.spark.call.SparkConfs;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionStore;
import io.github.gptoss.spark.executor.EngineRegistry;
import io.github.gptoss.spark.executor.TaskScope;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One run of the job: check, complete, write, sum up. */
final class JobRun {
  private static final String DEFAULT_ID_COLUMN = "id";
  private static final String DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension";
  private static final String DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog";

  private final GptOssJob job;
  private final GptOssOptions options;

  JobRun(GptOssJob job, GptOssOptions options) {
    this.job = job;
    this.options = options;
  }

  int run() throws Exception {
    // Before Spark starts, so that a mistyped option costs nobody the start of a cluster.
    if (job.mode == GptOssJob.Mode.streaming) {
      throw JobErrors.streaming();
    }
    if (job.input.equals(job.output)) {
      throw JobErrors.outputIsInput(job.input);
    }
    SparkConf conf = sparkConf();
    OptionValues values = CallOptions.resolve(options.toMap(), SparkConfs.of(conf));
    CallOptions.check(values, SparkConfs.of(conf));

    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    JobSummary summary;
    try {
      summary = run(spark, values);
    } finally {
      spark.stop();
    }
    printLast(summary);
    return 0;
  }

  private JobSummary run(SparkSession spark, OptionValues values) throws Exception {
    long startNanos = System.nanoTime();
    Dataset<Row> table = JobInput.read(spark, job, values);
    String idColumn = idColumn(table);
    try (JobProgress progress = JobProgress.start(spark.sparkContext(), System.err)) {
      Dataset<Row> completed =
          GptOss.complete(table, options, progress.counters(), CompletionStore.Factory.NONE);
      checkOutput(spark);
      JobCounts counts = JobCounts.of(table, idColumn);
      if (counts.rows() > 0) {
        openWhereTasksRun(spark, values);
      }
      progress.expect(counts.rows());
      write(completed);
      progress.finish();
      JobCounters counters = progress.counters();
      JobSummary summary =
          new JobSummary(
              counters.rows(),
              counters.errors(),
              counts.duplicates(),
              counters.inputTokens(),
              counters.outputTokens(),
              Math.round((System.nanoTime() - startNanos) / 1e6) / 1e3,
              0);
      progress.summarise(summary, job.output);
      return summary;
    }
  }

  private static SparkConf sparkConf() {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "gptoss-spark");
    conf.setIfMissing("spark.sql.extensions", DELTA_EXTENSION);
    conf.setIfMissing("spark.sql.catalog.spark_catalog", DELTA_CATALOG);
    return conf;
  }

  private String idColumn(Dataset<Row> table) {
    String wanted = job.idCol == null ? DEFAULT_ID_COLUMN : job.idCol;
    boolean there = Arrays.stream(table.columns()).anyMatch(wanted::equalsIgnoreCase);
    if (!there && job.idCol != null) {
      throw JobErrors.noIdColumn(wanted, table.schema());
    }
    return there ? wanted : null;
  }

  private void checkOutput(SparkSession spark) throws IOException {
    if (job.outputMode == GptOssJob.OutputMode.errorifexists) {
      Path path = new Path(job.output);
      FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
      Path log = new Path(path, "_delta_log");
      // A run that failed leaves a log without a commit: no table, so nothing to protect.
      boolean abandoned =
          files.exists(log) && files.globStatus(new Path(log, "*.json")).length == 0;
      if (files.exists(path) && files.listStatus(path).length > 0 && !abandoned) {
        throw JobErrors.outputExists(job.output);
      }
    }
  }

  /**
   * Where tasks run in this very process, opens their engine now: what is wrong with the model is
   * then said once and at once instead of by failing tasks.
   */
  private static void openWhereTasksRun(SparkSession spark, OptionValues values) {
    if (spark.sparkContext().isLocal()) {
      EngineRegistry.shared()
          .acquire(CallOptions.check(values, spark), TaskScope.current())
          .close();
    }
  }

  private void write(Dataset<Row> completed) {
    DataFrameWriter<Row> writer = completed.write().format("delta").mode(job.outputMode.name());
    if (job.outputMode == GptOssJob.OutputMode.overwrite) {
      writer = writer.option("overwriteSchema", "true");
    }
    writer.save(job.output);
  }

  @SuppressWarnings("SystemOut") // the summary on standard output is the job's result
  private static void printLast(JobSummary summary) {
    System.out.println(summary.toJson());
    System.out.flush();
  }
}

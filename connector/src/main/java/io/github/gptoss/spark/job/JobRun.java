package io.github.gptoss.spark.job;

import io.github.gptoss.spark.call.ResolvedCall;
import io.github.gptoss.spark.call.SparkConfs;
import io.github.gptoss.spark.executor.EngineRegistry;
import io.github.gptoss.spark.executor.Work;
import io.github.gptoss.spark.functions.TableCompletion;
import io.github.gptoss.spark.job.JobCommand.InputFormat;
import io.github.gptoss.spark.job.JobCommand.Mode;
import io.github.gptoss.spark.job.JobCommand.OutputMode;
import io.github.gptoss.spark.journal.Journal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Paths;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One run of the job: check, complete, write, sum up. */
final class JobRun {
  private static final String DEFAULT_ID_COLUMN = "id";
  private static final String DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension";
  private static final String DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog";

  private final JobCommand job;
  private final Map<String, String> options;
  private final String runId = UUID.randomUUID().toString();

  JobRun(JobCommand job, Map<String, String> options) {
    this.job = job;
    this.options = options;
  }

  int run() throws Exception {
    // Before Spark starts, so that a mistyped option costs nobody the start of a cluster.
    check();
    SparkConf conf = sparkConf();
    ResolvedCall.check(ResolvedCall.resolve(options, SparkConfs.of(conf)), SparkConfs.of(conf));

    // A session that was there is another's, for instance that of a Databricks JAR task.
    boolean isOurs = SparkSession.getDefaultSession().isEmpty();
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    String last;
    try {
      last = job.dryRun ? dryRun(spark) : run(spark).toJson();
    } finally {
      if (isOurs) {
        spark.stop();
      }
    }
    printLast(last);
    return 0;
  }

  String dryRun(SparkSession spark) throws Exception {
    return new DryRun(spark, job, options).run();
  }

  private void check() {
    if (location("--input", job.input).equals(location("--output", job.output))) {
      throw JobErrors.outputIsInput(job.input);
    }
    if (job.checkpoint != null) {
      location("--checkpoint", job.checkpoint);
    }
    if (mode() == Mode.streaming) {
      if (job.inputFormat != InputFormat.delta) {
        throw JobErrors.streamingNeedsDelta(job.inputFormat);
      }
      if (job.outputMode != OutputMode.resume) {
        throw JobErrors.streamingResumes(job.outputMode);
      }
    }
    if (job.errorThreshold != null && !(job.errorThreshold >= 0 && job.errorThreshold <= 1)) {
      throw JobErrors.outOfRange("--error-threshold", job.errorThreshold, "between 0 and 1");
    }
    if (job.journalSeconds < 1) {
      throw JobErrors.outOfRange("--journal-seconds", job.journalSeconds, "at least 1");
    }
    if (job.batchFiles < 1) {
      throw JobErrors.outOfRange("--batch-files", job.batchFiles, "at least 1");
    }
  }

  /** A path without what may be written in several ways: slashes at its end, local schemes. */
  private static String location(String argument, String path) {
    URI uri;
    try {
      uri = new Path(path).toUri();
    } catch (IllegalArgumentException e) {
      throw JobErrors.notAPath(argument, path, e);
    }
    return uri.getScheme() == null || uri.getScheme().equals("file")
        ? Paths.get(uri.getPath()).toAbsolutePath().normalize().toString()
        : uri.toString();
  }

  /** As asked for; else streaming where it can be, and the output is only to grow. */
  private Mode mode() {
    if (job.mode != null) {
      return job.mode;
    }
    return job.inputFormat == InputFormat.delta && job.outputMode == OutputMode.resume
        ? Mode.streaming
        : Mode.batch;
  }

  JobSummary run(SparkSession spark) throws Exception {
    Instant started = Instant.now();
    ResolvedCall call = ResolvedCall.of(spark, options);
    ErrorLimit limit = new ErrorLimit(job.errorThreshold, job.errorThresholdRows);
    try (JobProgress progress = JobProgress.start(spark.sparkContext(), runId, System.err, limit)) {
      Dataset<Row> input = job.retryErrors ? null : JobInput.read(spark, job, call.options());
      String idColumn = job.retryErrors ? null : idColumn(input);
      if (input != null) {
        // What is wrong with the columns shows here, before anything is written.
        TableCompletion.of(spark, input.schema(), call);
      }
      RunParts parts = parts(spark, call, progress);
      JobCounts counts = input == null ? new JobCounts(0, 0) : JobCounts.of(input, idColumn);
      JobSummary summary;
      try {
        long skipped = run(parts, input, counts.rows(), idColumn);
        progress.finish();
        JobCounters counters = progress.counters();
        limit.isNewlyExceeded(counters.rows.value(), counters.errors.value());
        if (limit.exceeded() != null) {
          throw limit.exceeded();
        }
        parts.folder().deleteJournalIf(job.journal == JobCommand.JournalMode.on);
        summary = summary(progress, counts, skipped, started);
      } catch (Exception e) {
        progress.finish();
        String outcome = limit.exceeded() == null ? "ended by an error" : "stopped by its errors";
        JobReport.write(parts, summary(progress, counts, 0, started), started, outcome);
        throw e;
      }
      progress.summarise(summary, job.output);
      JobReport.write(parts, summary, started, "complete");
      return summary;
    } catch (Exception e) {
      throw limit.exceeded() == null ? e : limit.exceeded();
    } finally {
      Journal.flush(runId);
    }
  }

  private JobSummary summary(
      JobProgress progress, JobCounts counts, long skipped, Instant started) {
    double seconds = Duration.between(started, Instant.now()).toMillis() / 1e3;
    return JobSummary.of(progress.counters(), counts.duplicates(), skipped, seconds, runId);
  }

  private long run(RunParts parts, Dataset<Row> input, long rows, String idColumn)
      throws Exception {
    if (job.retryErrors) {
      return new RetryRun(parts).run();
    }
    return parts.state().mode() == Mode.streaming
        ? new StreamingRun(parts).run(rows)
        : new BatchRun(parts).run(input, rows, idColumn);
  }

  private RunParts parts(SparkSession spark, ResolvedCall call, JobProgress progress)
      throws IOException {
    OutputTable output = new OutputTable(spark, job.output);
    JobFolder folder =
        new JobFolder(job.checkpoint, output.path(), spark.sparkContext().hadoopConfiguration());
    JobFolder.State state = folder.state();
    if (job.retryErrors) {
      if (state == null) {
        throw JobErrors.nothingToRetry(job.output);
      }
    } else {
      state = state(state, folder, output);
    }
    Map<String, Object> audit = AuditTrail.of(spark, runId, job, state.mode(), call.options());
    return new RunParts(spark, job, call, folder, state, output, progress, runId, audit);
  }

  private JobFolder.State state(JobFolder.State before, JobFolder folder, OutputTable output)
      throws IOException {
    boolean mine = before != null && job.outputMode == OutputMode.resume;
    boolean free = job.outputMode == OutputMode.overwrite || job.outputMode == OutputMode.append;
    if (!mine && !free && output.isTaken()) {
      throw JobErrors.outputExists(job.output);
    }
    if (mine && before.mode() != mode() && output.exists()) {
      throw JobErrors.otherMode(job.output, before.mode().name(), mode().name());
    }
    return before == null || before.mode() != mode() ? folder.begin(mode()) : before;
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

  /**
   * Where tasks run in this very process, opens their engine now: what is wrong with the model is
   * then said once and at once instead of by failing tasks.
   */
  static void openWhereTasksRun(RunParts parts) {
    if (parts.spark().sparkContext().isLocal()) {
      EngineRegistry.shared().acquire(parts.values(), Work.current()).close();
    }
  }

  @SuppressWarnings("SystemOut") // the last line on standard output is the job's result
  private static void printLast(String json) {
    System.out.println(json);
    System.out.flush();
  }
}

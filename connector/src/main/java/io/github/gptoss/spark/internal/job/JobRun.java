package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.budget.BudgetService;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.journal.Journal;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** One run of the job: check, complete, write, sum up. */
public final class JobRun {
  private static final String DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension";
  private static final String DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog";

  private final JobSpec job;
  private final String runId = UUID.randomUUID().toString();

  public JobRun(JobSpec job) {
    this.job = job;
  }

  /** What is done in the job's session; the result is its last line, as JSON. */
  @FunctionalInterface
  public interface Body {
    Object run(SparkSession spark) throws Exception;
  }

  /** Runs the job; what it found or did, as JSON. */
  String run() throws Exception {
    return inSession(job, spark -> job.dryRun() ? dryRun(spark, job) : run(spark));
  }

  /** What a job without a run would meet. */
  public static Object dryRun(SparkSession spark, JobSpec job) throws Exception {
    return new DryRun(spark, job).run();
  }

  /** The folder of the run's report. */
  public String reports(SparkSession spark) throws IOException {
    return job.report() != null
        ? job.report()
        : new JobFolder(
                folder(new OutputTable(spark, job.output())),
                spark.sparkContext().hadoopConfiguration())
            .reports();
  }

  /** Checks the options, and runs the body in a session that ends with it, unless it was there. */
  public static String inSession(JobSpec job, Body body) throws Exception {
    // Before Spark starts, so that a mistyped option does not cost the start of a cluster.
    SparkConf conf = sparkConf();
    OptionValues values = ResolvedCall.resolve(job.options(), SparkConfs.of(conf));
    values.checkVote(Set.of());
    ResolvedCall.check(values, SparkConfs.of(conf));

    // A session that was there is another's, for instance that of a Databricks JAR task.
    boolean isOurs = SparkSession.getDefaultSession().isEmpty();
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    try {
      return new ObjectMapper().writeValueAsString(body.run(spark));
    } finally {
      if (isOurs) {
        spark.stop();
      }
    }
  }

  private static SparkConf sparkConf() {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "gptoss-spark");
    conf.setIfMissing("spark.sql.extensions", DELTA_EXTENSION);
    conf.setIfMissing("spark.sql.catalog.spark_catalog", DELTA_CATALOG);
    return conf;
  }

  public JobSummary run(SparkSession spark) throws Exception {
    Instant started = Instant.now();
    ResolvedCall call = ResolvedCall.of(spark, job.options());
    ErrorLimit limit = new ErrorLimit(job.errorAllowance());
    Budget budget = Budget.of(call.options());
    if (budget.isLimited()) {
      BudgetService.open(runId);
    }
    try (JobProgress progress =
        JobProgress.start(spark.sparkContext(), runId, budget, System.err, limit)) {
      Dataset<Row> input =
          job.retryErrors()
              ? null
              : job.steps()
                  .before(JobInput.read(spark, job.input(), call.options(), progress::say));
      RunParts parts = parts(spark, call, input, progress);
      JobInput.Counts counts =
          input == null ? new JobInput.Counts(0, 0) : JobInput.Counts.of(input, parts.id());
      JobSummary summary;
      try {
        JobSummary.DoneBefore outcome = run(parts, input, counts.rows());
        progress.finish();
        progress.noteErrors();
        if (limit.exceeded() != null) {
          throw limit.exceeded();
        }
        if (job.journal().mode() == JobSpec.JournalMode.ON) {
          deleteJournal(parts.folder(), progress);
        }
        summary = summary(progress, counts, outcome, started);
        if (summary.leftRows() == 0 && job.output().mode() != JobSpec.OutputMode.APPEND) {
          forgetLeftRows(parts.folder(), progress);
        }
      } catch (Exception e) {
        progress.finish();
        String outcome = limit.exceeded() == null ? "ended by an error" : "stopped by its errors";
        JobReport.write(
            parts,
            summary(progress, counts, JobSummary.DoneBefore.NOTHING, started),
            started,
            outcome);
        throw e;
      }
      progress.summarise(summary, job.output());
      JobReport.write(
          parts, summary, started, summary.leftRows() == 0 ? "complete" : "ended by its budget");
      return summary;
    } catch (Exception e) {
      throw limit.exceeded() == null ? e : limit.exceeded();
    } finally {
      Journal.flush(runId);
    }
  }

  /** The table is written: a journal that cannot be deleted is no reason to fail. */
  private static void deleteJournal(JobFolder folder, JobProgress progress) {
    try {
      folder.deleteJournal();
    } catch (IOException e) {
      progress.say(
          "the journal %s could not be deleted, and holds completions in plain text: %s"
              .formatted(folder.journal(), e));
    }
  }

  /** The same: the next run looks for left rows, and finds none. */
  private static void forgetLeftRows(JobFolder folder, JobProgress progress) {
    try {
      folder.hasNoLeftRows();
    } catch (IOException e) {
      progress.say("the next run looks for rows that no budget left: %s".formatted(e));
    }
  }

  private JobSummary summary(
      JobProgress progress,
      JobInput.Counts counts,
      JobSummary.DoneBefore outcome,
      Instant started) {
    double seconds = Duration.between(started, Instant.now()).toMillis() / 1e3;
    return JobSummary.of(
        progress.counters(), progress.spentTokens(), counts.duplicates(), outcome, seconds, runId);
  }

  private JobSummary.DoneBefore run(RunParts parts, Dataset<Row> input, long rows)
      throws Exception {
    boolean mayHaveLeftRows = parts.folder().mayHaveLeftRows();
    if (Budget.of(parts.values()).isLimited()) {
      // Until the run has ended, nobody knows which of its rows the budget leaves.
      parts.folder().keepLeftRows();
    }
    if (job.retryErrors()) {
      return RetryRun.ofErrors(parts).run().done();
    }
    if (!mayHaveLeftRows || !job.output().resumes() || !parts.output().exists()) {
      return goOn(parts, input, rows);
    }
    if (parts.state().mode() == JobSpec.Mode.BATCH) {
      // Before the left rows take of the budget.
      new CatchUp(parts, false).checkUnchanged(input);
    }
    Dataset<Row> left = RetryRun.ofLeftRows(parts).run().rows();
    // The input may be another one by now, which has few or none of them.
    long skipped =
        parts.id() == null ? left.count() : new TableDiff(input, left, parts.id()).shared();
    return goOn(parts, input, rows).without(skipped);
  }

  private JobSummary.DoneBefore goOn(RunParts parts, Dataset<Row> input, long rows)
      throws Exception {
    return parts.state().mode() == JobSpec.Mode.STREAMING
        ? new StreamingRun(parts, JobInput.history(parts.spark(), job.input())).run(rows)
        : new BatchRun(parts).run(input, rows);
  }

  /**
   * What is wrong with the columns or with the output shows here, before anything is written.
   *
   * @param input null where the failed rows of the output are to be completed
   */
  private RunParts parts(
      SparkSession spark, ResolvedCall call, Dataset<Row> input, JobProgress progress)
      throws IOException {
    OutputTable output = new OutputTable(spark, job.output());
    output.checkDelta();
    JobFolder folder = new JobFolder(folder(output), spark.sparkContext().hadoopConfiguration());
    JobFolder.State before = folder.state();
    JobFolder.State state = before;
    IdColumn id = null;
    if (input == null) {
      if (state == null) {
        throw JobErrors.nothingToRetry(job.output().name());
      }
    } else {
      checkOtherTable(spark, output);
      id = idColumn(spark, input, output);
      StructType written = TableCompletion.of(spark, input.schema(), call).schema();
      state = state(spark, before, output, id, written);
      output.checkNames(written);
      if (!state.equals(before)) {
        folder.keep(state);
      }
    }
    if (job.output().mode() != JobSpec.OutputMode.OVERWRITE) {
      output.checkParsed(
          call.options().text(OptionKey.OUTPUT_COL), CompletionType.of(call.options()).struct());
    }
    AuditTrail audit = new AuditTrail(spark, runId, job, state.mode(), call.options());
    return new RunParts(spark, job, call, id, folder, state, output, progress, runId, audit);
  }

  /** Names hide which tables they are: Delta's own id of a table tells. */
  private void checkOtherTable(SparkSession spark, OutputTable output) throws IOException {
    boolean isNamed = job.input().table() != null || job.output().table() != null;
    if (isNamed && JobInput.isDelta(spark, job.input()) && output.exists()) {
      String input = JobInput.history(spark, job.input()).detail().getAs("id");
      if (input.equals(output.history().detail().getAs("id"))) {
        throw ArgumentErrors.outputIsInput(job.input().name());
      }
    }
  }

  private IdColumn idColumn(SparkSession spark, Dataset<Row> input, OutputTable output)
      throws IOException {
    boolean caseSensitive = SparkConfs.isCaseSensitive(spark);
    IdColumn id = IdColumn.find(input.schema(), job.idColumn(), caseSensitive);
    return id == null || !job.output().resumes() || !output.exists()
        ? id
        : id.alsoIn(output.schema(), job.output().name(), job.idColumn() != null, caseSensitive);
  }

  private String folder(OutputTable output) throws IOException {
    if (job.output().checkpoint() != null) {
      return job.output().checkpoint();
    }
    String own = output.ownFolder();
    if (own == null) {
      throw JobErrors.needsCheckpoint(job.output());
    }
    return own + "/" + JobFolder.DEFAULT_NAME;
  }

  /** As asked for; else streaming where it can be, and the output is only to grow. */
  private JobSpec.Mode mode(SparkSession spark) {
    boolean isDelta = JobInput.isDelta(spark, job.input());
    if (job.mode() == JobSpec.Mode.STREAMING && !isDelta) {
      throw ArgumentErrors.streamingNeedsDelta(job.input().argument());
    }
    if (job.mode() != null) {
      return job.mode();
    }
    // A version of the past gets no new rows.
    boolean isOfNow =
        job.input().reader().keySet().stream()
            .noneMatch(name -> name.toLowerCase(Locale.ROOT).endsWith("asof"));
    return isDelta && isOfNow && job.output().resumes()
        ? JobSpec.Mode.STREAMING
        : JobSpec.Mode.BATCH;
  }

  /**
   * The job that goes on, or one that begins.
   *
   * @param before null where the folder has none
   * @param written columns that the output gets
   */
  private JobFolder.State state(
      SparkSession spark,
      JobFolder.State before,
      OutputTable output,
      IdColumn id,
      StructType written)
      throws IOException {
    JobSpec.Mode mode = mode(spark);
    boolean isOther = before == null || before.mode() != mode;
    JobFolder.State state = isOther ? JobFolder.State.begun(mode) : before;
    JobSpec.OutputMode outputMode = job.output().mode();
    if (outputMode == JobSpec.OutputMode.OVERWRITE || outputMode == JobSpec.OutputMode.APPEND) {
      return state;
    }
    String name = job.output().name();
    boolean exists = output.exists();
    if (before == null || !job.output().resumes()) {
      boolean isResumable = exists && job.output().resumes() && isOfAJob(output, written);
      if (!isResumable && output.isTaken()) {
        throw JobErrors.outputExists(name);
      }
    }
    if (!exists) {
      return state;
    }
    boolean compares = mode == JobSpec.Mode.BATCH || isOther;
    if (compares && id == null) {
      throw before == null || !isOther
          ? JobErrors.needsIdColumn(name)
          : JobErrors.otherMode(name, JobSpec.text(before.mode()), JobSpec.text(mode));
    }
    return state;
  }

  /** Whether a table holds completions: its column of them has the fields that ours has. */
  private static boolean isOfAJob(OutputTable output, StructType written) {
    StructField completion = written.fields()[written.fields().length - 1];
    List<String> fields = Arrays.asList(((StructType) completion.dataType()).fieldNames());
    return Arrays.stream(output.schema().fields())
        .filter(field -> field.name().equalsIgnoreCase(completion.name()))
        .map(StructField::dataType)
        .anyMatch(
            type ->
                type instanceof StructType struct
                    && fields.subList(0, 2).stream()
                        .allMatch(Arrays.asList(struct.fieldNames())::contains));
  }
}

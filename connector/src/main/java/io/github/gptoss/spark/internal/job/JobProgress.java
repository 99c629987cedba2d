package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.budget.BudgetService;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import io.github.gptoss.spark.internal.journal.SkippedSegment;
import io.github.gptoss.spark.internal.monitor.ConsoleLine;
import io.github.gptoss.spark.internal.monitor.Numbers;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The job's progress line and closing summary. What finished tasks counted is in the accumulators;
 * what running tasks have counted so far comes with their executors' heartbeats, on any cluster.
 */
final class JobProgress extends SparkListener implements AutoCloseable {
  private static final long TERMINAL_PERIOD_MILLIS = 500;

  /** What a running task has counted. */
  private record Running(long rows, long errors, long outputTokens, long left) {
    /** Rows that the budget left say nothing of what is wrong with rows. */
    long tried() {
      return rows - left;
    }

    long failed() {
      return errors - left;
    }
  }

  private final SparkContext spark;
  private final String jobTag;
  private final PrintStream err;
  private final boolean terminal = ConsoleLine.isTerminal();
  private final ErrorLimit limit;
  private final JobCounters counters;
  private final String runId;
  private final Budget budget;
  private final Map<Long, Running> running = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = DaemonThreads.timer("gptoss-progress");

  /** The plugin's line would write over this one. */
  private final Runnable unmute = ConsoleLine.mute();

  private volatile long expectedRows;
  private volatile long startNanos = System.nanoTime();
  private boolean isShown;

  private JobProgress(
      SparkContext spark, String runId, Budget budget, PrintStream err, ErrorLimit limit) {
    this.runId = runId;
    this.budget = budget;
    jobTag = "gptoss-" + runId;
    this.limit = limit;
    this.spark = spark;
    this.err = err;

    counters = new JobCounters(spark);
  }

  /**
   * @param runId tells this thread's Spark jobs, and those of threads that it starts, from others'
   * @param budget of all of them together
   */
  static JobProgress start(
      SparkContext spark, String runId, Budget budget, PrintStream err, ErrorLimit limit) {
    JobProgress progress = new JobProgress(spark, runId, budget, err, limit);
    spark.addJobTag(progress.jobTag);
    spark.setLocalProperty(Admission.RUN, runId);
    spark.addSparkListener(progress);
    return progress;
  }

  JobCounters counters() {
    return counters;
  }

  /** Shows progress towards this number of rows, beside those that were expected before. */
  void expect(long rows) {
    expectedRows += rows;
    if (isShown) {
      return;
    }
    isShown = true;
    startNanos = System.nanoTime();
    long period = terminal ? TERMINAL_PERIOD_MILLIS : ConsoleLine.LOG_PERIOD_MILLIS;
    timer.scheduleAtFixedRate(this::show, period, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (var task : CollectionConverters.asJava(update.accumUpdates())) {
      long rows = 0;
      long errors = 0;
      long outputTokens = 0;
      long left = 0;
      for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
        if (info.id() == counters.rows.id()) {
          rows = count(info);
        } else if (info.id() == counters.errors.id()) {
          errors = count(info);
        } else if (info.id() == counters.outputTokens.id()) {
          outputTokens = count(info);
        } else if (info.id() == counters.leftRows.id()) {
          left = count(info);
        }
      }
      running.put((Long) task._1(), new Running(rows, errors, outputTokens, left));
    }
    stopIfTooManyFail();
  }

  private static long count(AccumulableInfo info) {
    return info.update().isDefined() ? ((Number) info.update().get()).longValue() : 0;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    // From now on its counts are in the accumulators, or, if it failed, in its next attempt's.
    running.remove(end.taskInfo().taskId());
    stopIfTooManyFail();
  }

  private void stopIfTooManyFail() {
    Running now = now();
    limit.note(now.tried(), now.failed());
    if (limit.exceeded() != null) {
      spark.cancelJobsWithTag(jobTag);
    }
  }

  /** What finished and running tasks have counted. */
  private Running now() {
    long rows = counters.rows.value();
    long errors = counters.errors.value();
    long tokens = counters.outputTokens.value();
    long left = counters.leftRows.value();
    for (Running task : running.values()) {
      rows += task.rows;
      errors += task.errors;
      tokens += task.outputTokens;
      left += task.left;
    }
    return new Running(rows, errors, tokens, left);
  }

  private void show() {
    Running now = now();
    String line =
        line(now.rows, expectedRows, now.failed(), now.outputTokens, seconds()) + spent(now.left);
    err.print(terminal ? ConsoleLine.CLEAR_LINE + line : line + System.lineSeparator());
    err.flush();
  }

  static String line(long rows, long expected, long errors, long tokens, double seconds) {
    String share = expected > 0 ? " (%d%%)".formatted(100 * rows / expected) : "";
    String left =
        rows > 0 && rows < expected
            ? ", " + Numbers.duration(seconds * (expected - rows) / rows) + " left"
            : "";
    return String.format(
        Locale.ROOT,
        "gptoss: %,d of %,d rows%s, %,.0f tok/s, %,d errors%s",
        rows,
        expected,
        share,
        seconds > 0 ? tokens / seconds : 0,
        errors,
        left);
  }

  /** What the budget says; empty where there is none. */
  private String spent(long leftRows) {
    String tokens =
        budget.limitsTokens()
            ? String.format(
                Locale.ROOT, ", %,d of %,d tokens spent", spentTokens(), budget.tokens())
            : "";
    return leftRows == 0
        ? tokens
        : tokens + String.format(Locale.ROOT, ", %,d rows left by the budget", leftRows);
  }

  /** What the run's generations have taken. */
  long spentTokens() {
    long counted = counters.spentTokens.value();
    if (!budget.isLimited()) {
      return counted;
    }
    try {
      return Math.max(counted, BudgetService.spent(runId));
    } catch (GptOssException e) {
      // The run may end because its Spark context did, which had the account.
      return counted;
    }
  }

  /** Takes note of what all tasks counted. */
  void noteErrors() {
    Running now = now();
    limit.note(now.tried(), now.failed());
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** One more line of the summary. */
  void say(String text) {
    err.println("gptoss: " + text);
    err.flush();
  }

  private void say(String format, Object... values) {
    say(String.format(Locale.ROOT, format, values));
  }

  /** Ends the progress line. */
  void finish() {
    timer.shutdownNow();
    if (terminal) {
      err.print(ConsoleLine.CLEAR_LINE);
    }
  }

  /** Says what was done, for people. */
  void summarise(JobSummary summary, JobSpec.Output output) {
    double seconds = seconds();
    say(
        "%,d rows in %s, %,d of them with errors; %,d tokens read, %,d generated (%,.0f"
            + " tok/s)",
        summary.rows(),
        Numbers.duration(seconds),
        summary.errors() - summary.leftRows(),
        summary.inputTokens(),
        summary.generatedTokens(),
        summary.generatedTokens() / Math.max(seconds, 1e-3));
    if (summary.skippedRows() > 0) {
      say("%,d rows were done before", summary.skippedRows());
    }
    if (summary.resumedRows() > 0) {
      say(
          "%,d completions were taken from the journal; %,d tokens were generated twice",
          summary.resumedRows(), summary.lostTokens());
    }
    if (summary.cachedRows() > 0) {
      say(
          "%,d completions of %,d tokens, prompts included, were taken from the completion cache",
          summary.cachedRows(), summary.cachedTokens());
    }
    if (budget.limitsTokens()) {
      say("%,d of %,d tokens of the budget are spent", summary.spentTokens(), budget.tokens());
    }
    if (summary.leftRows() > 0) {
      say(
          output.resumes()
              ? "%,d rows are left by the budget: start the same job again, which goes on with them"
              : "%,d rows are left by the budget: start the job with --retry-errors, which"
                  + " completes them where they are; without it, the output is begun anew,"
                  + " refused or doubled",
          summary.leftRows());
    }
    for (SkippedSegment segment : Set.copyOf(counters.skippedSegments.value())) {
      say("segment %s skipped: %s", segment.file(), segment.reason());
    }
    if (summary.duplicates() > 0) {
      say("%,d rows repeat an id", summary.duplicates());
    }
    say("Delta table " + output.name());
  }

  @Override
  public void close() {
    timer.shutdownNow();
    spark.removeSparkListener(this);
    spark.removeJobTag(jobTag);
    spark.setLocalProperty(Admission.RUN, null);
    unmute.run();
  }
}

package io.github.gptoss.spark.internal.job;

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
  private record Running(long rows, long errors, long outputTokens) {}

  private final SparkContext spark;
  private final String jobTag;
  private final PrintStream err;
  private final boolean terminal = ConsoleLine.isTerminal();
  private final ErrorLimit limit;
  private final JobCounters counters;
  private final Map<Long, Running> running = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = DaemonThreads.timer("gptoss-progress");

  /** The plugin's line would write over this one. */
  private final Runnable unmute = ConsoleLine.mute();

  private volatile long expectedRows;
  private volatile long startNanos = System.nanoTime();

  private JobProgress(SparkContext spark, String jobTag, PrintStream err, ErrorLimit limit) {
    this.jobTag = jobTag;
    this.limit = limit;
    this.spark = spark;
    this.err = err;

    counters = new JobCounters(spark);
  }

  /**
   * @param runId tells this thread's Spark jobs, and those of threads that it starts, from others'
   */
  static JobProgress start(SparkContext spark, String runId, PrintStream err, ErrorLimit limit) {
    JobProgress progress = new JobProgress(spark, "gptoss-" + runId, err, limit);
    spark.addJobTag(progress.jobTag);
    spark.addSparkListener(progress);
    return progress;
  }

  JobCounters counters() {
    return counters;
  }

  /** Begins to show progress towards this number of rows. */
  void expect(long rows) {
    expectedRows = rows;
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
      for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
        if (info.id() == counters.rows.id()) {
          rows = count(info);
        } else if (info.id() == counters.errors.id()) {
          errors = count(info);
        } else if (info.id() == counters.outputTokens.id()) {
          outputTokens = count(info);
        }
      }
      running.put((Long) task._1(), new Running(rows, errors, outputTokens));
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
    limit.note(now.rows, now.errors);
    if (limit.exceeded() != null) {
      spark.cancelJobsWithTag(jobTag);
    }
  }

  /** What finished and running tasks have counted. */
  private Running now() {
    long rows = counters.rows.value();
    long errors = counters.errors.value();
    long tokens = counters.outputTokens.value();
    for (Running task : running.values()) {
      rows += task.rows;
      errors += task.errors;
      tokens += task.outputTokens;
    }
    return new Running(rows, errors, tokens);
  }

  private void show() {
    Running now = now();
    String line = line(now.rows, expectedRows, now.errors, now.outputTokens, seconds());
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
  void summarise(JobSummary summary, String output) {
    double seconds = seconds();
    say(
        "%,d rows in %s, %,d of them with errors; %,d tokens read, %,d generated (%,.0f"
            + " tok/s)",
        summary.rows(),
        Numbers.duration(seconds),
        summary.errors(),
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
    for (SkippedSegment segment : Set.copyOf(counters.skippedSegments.value())) {
      say("journal segment %s skipped: %s", segment.file(), segment.reason());
    }
    if (summary.duplicates() > 0) {
      say("%,d rows repeat an id", summary.duplicates());
    }
    say("Delta table " + output);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    spark.removeSparkListener(this);
    spark.removeJobTag(jobTag);
    unmute.run();
  }
}

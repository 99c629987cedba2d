package io.github.gptoss.spark.internal.monitor;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * The driver's table of executors, those that were lost at the end of their time too. Thread-safe.
 */
final class ExecutorTable extends SparkListener {
  /** Lost executors that are kept; what older ones did stays in the totals. */
  static final int MOST_LOST = 100;

  private static final int MOST_REASON_CHARS = 200;

  /**
   * What the driver knows of an executor.
   *
   * @param host empty until Spark has told
   * @param report the latest
   * @param seenMillis when that came
   * @param lostReason one line; null while the executor lives
   * @param history oldest first
   */
  record Row(
      String host,
      ExecutorReport report,
      long seenMillis,
      String lostReason,
      List<History.Point> history) {
    boolean isLost() {
      return lostReason != null;
    }
  }

  private static final class Entry {
    String host = "";
    ExecutorReport report;
    long seenMillis = System.currentTimeMillis();
    String lostReason;
    final History history = new History();
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private ExecutorReport.Work forgotten = ExecutorReport.Work.NONE;
  private int forgottenExecutors;

  synchronized void report(ExecutorReport report) {
    Entry entry = entry(report);
    if (entry.lostReason != null) {
      // Sent before, come after.
      return;
    }
    entry.report = report;
    entry.seenMillis = System.currentTimeMillis();
    entry.history.add(History.Point.of(report.load()));
  }

  private Entry entry(ExecutorReport first) {
    Entry entry = entries.computeIfAbsent(first.executor(), id -> new Entry());
    if (entry.report == null) {
      entry.report = first;
    }
    return entry;
  }

  @Override
  public synchronized void onExecutorAdded(SparkListenerExecutorAdded added) {
    entry(ExecutorReport.starting(added.executorId())).host = added.executorInfo().executorHost();
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    Entry entry = entry(ExecutorReport.starting(removed.executorId()));
    if (entry.lostReason == null) {
      entry.lostReason = firstLine(removed.reason());
      forgetOldest();
    }
  }

  private static String firstLine(String reason) {
    String line = reason.strip().lines().findFirst().orElse("no reason given");
    return line.length() <= MOST_REASON_CHARS ? line : line.substring(0, MOST_REASON_CHARS) + "...";
  }

  private void forgetOldest() {
    long lost = entries.values().stream().filter(entry -> entry.lostReason != null).count();
    for (Iterator<Entry> oldest = entries.values().iterator(); lost > MOST_LOST; ) {
      Entry entry = oldest.next();
      if (entry.lostReason != null) {
        forgotten = forgotten.plus(entry.report.work());
        forgottenExecutors++;
        oldest.remove();
        lost--;
      }
    }
  }

  /** In the order in which they came. */
  synchronized List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Entry entry : entries.values()) {
      rows.add(
          new Row(
              entry.host,
              entry.report,
              entry.seenMillis,
              entry.lostReason,
              entry.history.points()));
    }
    return rows;
  }

  synchronized Totals totals() {
    return Totals.of(rows(), forgottenExecutors, forgotten);
  }
}

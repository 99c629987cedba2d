package io.github.gptoss.spark.internal.monitor;

import java.util.List;

/**
 * What the driver knows of an executor.
 *
 * @param host empty until Spark has told
 * @param report the latest
 * @param seenMillis when that came
 * @param lostReason one line; null while the executor lives
 * @param history oldest first
 */
record ExecutorRow(
    String host,
    ExecutorReport report,
    long seenMillis,
    String lostReason,
    List<History.Point> history) {
  boolean isLost() {
    return lostReason != null;
  }
}

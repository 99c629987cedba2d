package io.github.gptoss.spark.internal.models;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures one copy and reports it to a listener and the log. Thread-safe. */
final class CopyMeter {
  private static final Logger LOG = LoggerFactory.getLogger(CopyMeter.class);
  private static final long TELL_NANOS = 1_000_000_000L;
  private static final long LOG_NANOS = 10_000_000_000L;

  private final String address;
  private final long totalBytes;
  private final CopyProgress.Listener listener;
  private final long startNanos = System.nanoTime();
  private long toldNanos = startNanos;
  private long loggedNanos = startNanos;
  private long bytes;
  private long movedBytes;

  CopyMeter(String address, long totalBytes, CopyProgress.Listener listener) {
    this.address = address;
    this.totalBytes = totalBytes;
    this.listener = listener;
  }

  /** Adds bytes that were in the cache before this copy began. */
  synchronized void found(long count) {
    bytes += count;
    tell(false, false);
  }

  synchronized void copied(long count) {
    bytes += count;
    movedBytes += count;
    tell(false, false);
  }

  /** Subtracts bytes that turned out to be wrong. */
  synchronized void lost(long count) {
    bytes -= count;
  }

  /** Sets how many bytes another process has copied. */
  synchronized void waiting(long othersBytes) {
    movedBytes += Math.max(0, bytes == 0 ? 0 : othersBytes - bytes);
    bytes = othersBytes;
    tell(true, false);
  }

  /** Counts from zero again, since this process takes over the copy. */
  synchronized void takeOver() {
    bytes = 0;
    movedBytes = 0;
  }

  synchronized void finished() {
    bytes = totalBytes;
    tell(false, true);
  }

  private void tell(boolean isWaiting, boolean isLast) {
    long now = System.nanoTime();
    if (!isLast && now - toldNanos < TELL_NANOS) {
      return;
    }
    toldNanos = now;
    CopyProgress progress =
        new CopyProgress(
            address, isWaiting, bytes, totalBytes, movedBytes / ((now - startNanos + 1) / 1e9));
    listener.progress(progress);
    if (isLast || now - loggedNanos >= LOG_NANOS) {
      loggedNanos = now;
      LOG.info("{}", progress.line());
    }
  }
}

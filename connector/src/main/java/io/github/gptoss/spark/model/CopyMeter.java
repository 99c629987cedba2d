package io.github.gptoss.spark.model;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures one copy, for a listener and for the log. Thread-safe. */
final class CopyMeter {
  private static final Logger LOG = LoggerFactory.getLogger(CopyMeter.class);
  private static final long TELL_NANOS = 1_000_000_000L;
  private static final long LOG_NANOS = 10_000_000_000L;

  private final String address;
  private final long totalBytes;
  private final CopyListener listener;
  private final long startNanos = System.nanoTime();
  private long toldNanos = startNanos;
  private long loggedNanos = startNanos;
  private long bytes;
  private long movedBytes;

  CopyMeter(String address, long totalBytes, CopyListener listener) {
    this.address = address;
    this.totalBytes = totalBytes;
    this.listener = listener;
  }

  /** Bytes that were there before. */
  synchronized void found(long count) {
    bytes += count;
    tell(false, false);
  }

  synchronized void copied(long count) {
    bytes += count;
    movedBytes += count;
    tell(false, false);
  }

  /** Bytes that turned out to be wrong. */
  synchronized void lost(long count) {
    bytes -= count;
  }

  /** What another process has copied up to now. */
  synchronized void waiting(long othersBytes) {
    movedBytes += Math.max(0, bytes == 0 ? 0 : othersBytes - bytes);
    bytes = othersBytes;
    tell(true, false);
  }

  /** Begins to count anew, since this process takes over. */
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

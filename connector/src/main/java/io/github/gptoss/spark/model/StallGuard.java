package io.github.gptoss.spark.model;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Ends a stream that brings nothing for a while: the JDK's web client would wait for ever. */
final class StallGuard extends FilterInputStream {
  private static final ScheduledThreadPoolExecutor WATCH = watch();

  private final long stallNanos;
  private final ScheduledFuture<?> watching;
  private volatile long waitingSinceNanos;
  private volatile boolean isWaiting;
  private volatile boolean isStalled;

  StallGuard(InputStream in, long stallMillis) {
    super(in);
    stallNanos = stallMillis * 1_000_000;
    long every = Math.max(1, stallMillis / 4);
    watching = WATCH.scheduleWithFixedDelay(this::look, every, every, TimeUnit.MILLISECONDS);
  }

  private static ScheduledThreadPoolExecutor watch() {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "gptoss-model-watch");
              thread.setDaemon(true);
              return thread;
            });
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  private void look() {
    if (isWaiting && System.nanoTime() - waitingSinceNanos > stallNanos) {
      isStalled = true;
      try {
        in.close();
      } catch (IOException e) {
        // The reader is told of the stall in any case.
        isStalled = true;
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    waitingSinceNanos = System.nanoTime();
    isWaiting = true;
    try {
      int read = in.read(into, offset, length);
      if (isStalled) {
        throw stalled(null);
      }
      return read;
    } catch (IOException e) {
      throw isStalled ? stalled(e) : e;
    } finally {
      isWaiting = false;
    }
  }

  /** By reading, so that a wait is seen here too. */
  @Override
  public long skip(long count) throws IOException {
    byte[] scratch = new byte[(int) Math.min(1 << 16, Math.max(1, count))];
    long skipped = 0;
    while (skipped < count) {
      int read = read(scratch, 0, (int) Math.min(scratch.length, count - skipped));
      if (read < 0) {
        break;
      }
      skipped += read;
    }
    return skipped;
  }

  private IOException stalled(IOException cause) {
    return new IOException("nothing came for %.0f s".formatted(Math.ceil(stallNanos / 1e9)), cause);
  }

  @Override
  public void close() throws IOException {
    watching.cancel(false);
    super.close();
  }
}

package io.github.gptoss.spark.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes this JVM's completions to a journal, every few seconds and whenever there are enough of
 * them for a segment, on a thread of its own. Thread-safe.
 */
final class JournalWriter {
  private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);

  private static final long SEGMENT_BYTES = 4L << 20;
  private static final int SEGMENT_ROWS = 4096;

  /** Completions that wait for a slow filesystem; beyond this the journal goes without. */
  private static final long MOST_WAITING_BYTES = 128L << 20;

  private final JournalFolder folder;
  private final String name;
  private final LongSupplier generatedTokens;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread daemon = new Thread(task, "gptoss-journal");
            daemon.setDaemon(true);
            return daemon;
          },
          // A completion that comes after its journal was closed.
          new ThreadPoolExecutor.DiscardPolicy());

  private List<JournalEntry> waiting = new ArrayList<>();
  private long waitingBytes;
  private long left;
  private int segments;
  private volatile IOException failure;

  /**
   * @param name unique among all writers of the folder
   * @param generatedTokens that the engine has generated for this journal so far, those of rows
   *     which are not complete included
   */
  JournalWriter(JournalFolder folder, String name, long flushMillis, LongSupplier generatedTokens) {
    this.folder = folder;
    this.name = name;
    this.generatedTokens = generatedTokens;
    thread.scheduleWithFixedDelay(this::flush, flushMillis, flushMillis, TimeUnit.MILLISECONDS);
  }

  /** Takes a completion up; writes nothing itself. */
  void put(JournalEntry entry) {
    checkWritable();
    synchronized (this) {
      if (waitingBytes > MOST_WAITING_BYTES) {
        if (left++ == 0) {
          LOG.warn(
              "the journal {} is slower than the engine: some completions are not kept in it",
              folder.path());
        }
        return;
      }
      waiting.add(entry);
      waitingBytes += entry.heldBytes();
      if (waitingBytes < SEGMENT_BYTES && waiting.size() < SEGMENT_ROWS) {
        return;
      }
    }
    flushSoon();
  }

  /**
   * @throws io.github.gptoss.engine.error.GptOssException if what was put last could not be written
   */
  void checkWritable() {
    IOException failed = failure;
    if (failed != null) {
      throw JournalErrors.cannotWrite(folder.path(), failed);
    }
  }

  /** Tries again what failed: another attempt of a task may find space where there was none. */
  void retry() {
    failure = null;
  }

  /** Has what is waiting written by the writer's thread. */
  void flushSoon() {
    thread.execute(this::flush);
  }

  /** Writes what is waiting, here and now; what fails is left waiting. */
  void flush() {
    synchronized (thread) {
      List<JournalEntry> batch;
      while (failure == null && !(batch = next()).isEmpty()) {
        try {
          SegmentName segment = new SegmentName(name, segments++, generatedTokens.getAsLong());
          folder.write(segment.toString(), SegmentCodec.encode(batch));
          done(batch);
        } catch (Throwable e) {
          // An Error too: it would end the thread's schedule, and nobody would hear of it.
          failure = e instanceof IOException io ? io : new IOException(e);
          LOG.warn("the journal {} cannot be written", folder.path(), failure);
        }
      }
    }
  }

  private synchronized List<JournalEntry> next() {
    List<JournalEntry> batch = new ArrayList<>();
    long bytes = 0;
    for (JournalEntry entry : waiting) {
      if (batch.size() == SEGMENT_ROWS || bytes >= SEGMENT_BYTES) {
        break;
      }
      batch.add(entry);
      bytes += entry.heldBytes();
    }
    return batch;
  }

  private synchronized void done(List<JournalEntry> written) {
    waiting = new ArrayList<>(waiting.subList(written.size(), waiting.size()));
    waitingBytes -= written.stream().mapToLong(JournalEntry::heldBytes).sum();
  }

  /** Writes what is waiting and ends the thread. */
  void close() {
    thread.shutdown();
    flush();
  }
}

package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import java.io.IOException;
import java.util.ArrayDeque;
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

  /** Completions that wait for a slow filesystem; beyond this the journal goes without. */
  private static final long MOST_WAITING_BYTES = 128L << 20;

  private final JournalFolder folder;
  private final String name;
  private final LongSupplier generatedTokens;
  private final boolean isRequired;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1,
          new DaemonThreads("gptoss-journal"),
          // A completion that comes after its journal was closed.
          new ThreadPoolExecutor.DiscardPolicy());

  /** Completions by segments, of which the last one still takes some. */
  private final ArrayDeque<Segment> waiting = new ArrayDeque<>();

  /** Those of the segment that is being written included. */
  private long waitingBytes;

  private boolean closed;
  private long left;
  private int segments;
  private volatile IOException failure;

  /**
   * @param name unique among all writers of the folder
   * @param generatedTokens that the engine has generated for this journal so far, those of rows
   *     which are not complete included
   */
  JournalWriter(JournalFolder folder, String name, long flushMillis, LongSupplier generatedTokens) {
    this(folder, name, flushMillis, generatedTokens, true);
  }

  /**
   * The same.
   *
   * @param isRequired whether rows fail whose completions cannot be written; else they go without
   */
  JournalWriter(
      JournalFolder folder,
      String name,
      long flushMillis,
      LongSupplier generatedTokens,
      boolean isRequired) {
    this.isRequired = isRequired;
    this.folder = folder;
    this.name = name;
    this.generatedTokens = generatedTokens;
    thread.scheduleWithFixedDelay(this::flush, flushMillis, flushMillis, TimeUnit.MILLISECONDS);
  }

  /** Takes a completion up; writes no file itself. */
  void put(CompletionKey key, GenerationResult result) {
    checkWritable();
    synchronized (this) {
      if (closed || failure != null) {
        return;
      }
      if (waitingBytes > MOST_WAITING_BYTES) {
        if (left++ == 0) {
          LOG.warn(
              "the journal {} is slower than the engine: some completions are not kept in it",
              folder.path());
        }
        return;
      }
      Segment last = waiting.peekLast();
      if (last == null || last.isFull()) {
        last = new Segment();
        waiting.add(last);
      }
      long before = last.appendedBytes();
      last.append(key, result);
      waitingBytes += last.appendedBytes() - before;
      if (!last.isFull()) {
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
    if (failed != null && isRequired) {
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
      Segment segment;
      while (failure == null && (segment = next()) != null) {
        try {
          SegmentName file = new SegmentName(name, segments++, generatedTokens.getAsLong());
          folder.write(file.toString(), SegmentCodec.encode(segment));
          done(segment);
        } catch (Throwable e) {
          // An Error too: it would end the thread's schedule without a message.
          failure = e instanceof IOException io ? io : new IOException(e);
          putBack(segment);
          LOG.warn("the journal {} cannot be written", folder.path(), failure);
        }
      }
    }
  }

  /** The segment that waits longest, which takes no more completions; null if there is none. */
  private synchronized Segment next() {
    return waiting.poll();
  }

  private synchronized void putBack(Segment segment) {
    waiting.addFirst(segment);
  }

  private synchronized void done(Segment written) {
    waitingBytes -= written.appendedBytes();
    written.close();
  }

  /** Writes what is waiting and ends the thread; what cannot be written is lost. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    thread.shutdown();
    flush();
    synchronized (thread) {
      synchronized (this) {
        waiting.forEach(Segment::close);
        waiting.clear();
      }
    }
  }
}

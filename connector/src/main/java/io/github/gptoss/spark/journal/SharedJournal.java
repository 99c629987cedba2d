package io.github.gptoss.spark.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.executor.CompletionKey;
import io.github.gptoss.spark.executor.EngineRegistry;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkEnv;

/**
 * The journal of the run that this JVM works for, shared by its tasks: its keys are read once, and
 * its writer gathers what all of them complete.
 */
final class SharedJournal {
  /** Before Hadoop closes its filesystems, which it does at 10. */
  private static final int SHUTDOWN_PRIORITY = 20;

  private static SharedJournal current;
  private static boolean hooked;

  private final String run;
  private final Path path;
  private final JournalReader reader;
  private final JournalWriter writer;
  private final long lostTokens;

  private SharedJournal(String run, JournalFolder folder, long flushMillis) {
    this.run = run;
    path = folder.path();
    reader = new JournalReader(folder);
    reader.refresh();
    lostTokens = reader.lostTokens();
    long before = generatedTokens();
    writer =
        new JournalWriter(
            folder, writerName(), flushMillis, () -> Math.max(0, generatedTokens() - before));
  }

  private static long generatedTokens() {
    return EngineRegistry.shared()
        .opened()
        .map(engine -> engine.stats().generatedTokens())
        .orElse(0L);
  }

  /** Tokens that runs before this one generated for rows which they could not keep. */
  long lostTokens() {
    return lostTokens;
  }

  /** An executor that was replaced, or another run, may have had the same id: hence the number. */
  private static String writerName() {
    SparkEnv env = SparkEnv.get();
    return "%s-%s"
        .formatted(
            env == null ? "none" : env.executorId(),
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
  }

  /**
   * The journal of this folder and run; one of another folder or run is closed for it.
   *
   * @param again whether another attempt may have written since the keys were read
   */
  static SharedJournal of(
      String run, Path path, Configuration conf, long flushMillis, boolean again)
      throws IOException {
    SharedJournal journal;
    synchronized (SharedJournal.class) {
      if (current != null && current.run.equals(run) && current.path.equals(path)) {
        journal = current;
      } else {
        closeCurrent();
        current = new SharedJournal(run, new JournalFolder(path, conf), flushMillis);
        journal = current;
        flushAtExit();
        again = false;
      }
    }
    journal.writer.retry();
    if (again) {
      journal.reader.refresh();
    }
    return journal;
  }

  /** Writes what is waiting, for a JVM or a job that ends. */
  static void closeCurrent() {
    synchronized (SharedJournal.class) {
      if (current != null) {
        current.writer.close();
        current = null;
      }
    }
  }

  private static void flushAtExit() {
    if (!hooked) {
      hooked = true;
      ShutdownHookManager.get().addShutdownHook(SharedJournal::closeCurrent, SHUTDOWN_PRIORITY);
    }
  }

  /** Null if nothing is kept under the key. */
  GenerationResult find(CompletionKey key) {
    writer.checkWritable();
    return reader.find(key);
  }

  void put(CompletionKey key, GenerationResult result) {
    writer.put(new JournalEntry(key, result));
  }

  void flushSoon() {
    writer.flushSoon();
  }

  List<SkippedSegment> skipped() {
    return reader.skipped();
  }
}

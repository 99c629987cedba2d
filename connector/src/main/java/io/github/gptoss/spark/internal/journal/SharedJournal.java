package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in this JVM, shared by the tasks of its run: its keys are read once, and its writer
 * gathers what all of them complete. One that no task uses stays open for the next, until another
 * one is opened.
 */
final class SharedJournal {
  private static final Logger LOG = LoggerFactory.getLogger(SharedJournal.class);

  /** Before Hadoop closes its filesystems, which it does at 10. */
  private static final int SHUTDOWN_PRIORITY = 20;

  /** The run of what is kept for all runs. */
  private static final String CACHE = "completion_cache";

  /** A long-lived folder is to have few and large segments. */
  private static final long CACHE_FLUSH_MILLIS = 30_000;

  private static final int MOST_STAGES = 1000;

  /** One JVM may have several applications, one after another, whose stages have one number. */
  private record Stage(String application, int number) {}

  private record Key(String run, Path path) {
    boolean isCache() {
      return run.equals(CACHE);
    }
  }

  private static final Map<Key, SharedJournal> OPEN = new HashMap<>();
  private static boolean hooked;

  private final JournalReader reader;
  private final JournalWriter writer;
  private final long lostTokens;
  private final boolean isCache;

  /** Of a cache, the stages that have seen what others had written by then. */
  private final Set<Stage> stages = new HashSet<>();

  /** How many tasks use it; guarded by the class. */
  private int tasks;

  private SharedJournal(JournalFolder folder, long flushMillis, boolean isCache)
      throws IOException {
    this.isCache = isCache;
    reader = new JournalReader(folder);
    if (!isCache) {
      // A cache is looked at when a stage begins.
      reader.refresh();
    }
    lostTokens = reader.lostTokens();
    long before = isCache ? 0 : generatedTokens();
    LongSupplier generated = isCache ? () -> 0 : () -> Math.max(0, generatedTokens() - before);
    writer = new JournalWriter(folder, writerName(), flushMillis, generated, !isCache);
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
   * The journal of this folder and run for one more task, which has to {@link #leave} it.
   *
   * @param again whether another attempt may have written since the keys were read
   */
  static SharedJournal of(
      String run, Path path, Configuration conf, long flushMillis, boolean again)
      throws IOException {
    SharedJournal journal;
    synchronized (SharedJournal.class) {
      Key key = new Key(run, path);
      journal = OPEN.get(key);
      if (journal == null) {
        closeIf((other, unused) -> unused.tasks == 0 && other.isCache() == key.isCache());
        journal = new SharedJournal(new JournalFolder(path, conf), flushMillis, key.isCache());
        OPEN.put(key, journal);
        flushAtExit();
        again = false;
      }
      journal.tasks++;
    }
    try {
      journal.writer.retry();
      if (again) {
        journal.reader.refresh();
      }
    } catch (IOException | RuntimeException | Error e) {
      journal.leave();
      throw e;
    }
    return journal;
  }

  /** The cache of this folder for one more task, which has to {@link #leave} it. */
  static SharedJournal ofCache(Path path, Configuration conf) throws IOException {
    return of(CACHE, path, conf, CACHE_FLUSH_MILLIS, false);
  }

  /**
   * Has a cache hold what was written before a stage began here.
   *
   * @param number the stage's, unique in this application
   * @return whether the stage begins now
   */
  boolean begin(int number) {
    SparkEnv env = SparkEnv.get();
    Stage stage = new Stage(env == null ? "" : env.conf().getAppId(), number);
    synchronized (stages) {
      if (stages.contains(stage)) {
        return false;
      }
      if (stages.size() == MOST_STAGES) {
        stages.clear();
      }
      // What this JVM keeps, it finds in files, too.
      writer.flush();
      stages.add(stage);
      try {
        reader.refresh();
      } catch (IOException e) {
        // The driver has found the folder in order: the stage goes on with what is known of it.
        LOG.warn("completion cache {} cannot be listed now", reader.path(), e);
      }
      return true;
    }
  }

  /** A task has ended. Its completions are written soon. */
  void leave() {
    boolean isLast;
    synchronized (SharedJournal.class) {
      isLast = --tasks == 0;
    }
    if (isLast && isCache) {
      // Nobody knows when it is wanted again.
      reader.rest();
    }
    if (isLast || !isCache) {
      writer.flushSoon();
    }
  }

  /** Writes what is waiting of a run that ends. */
  static void close(String run) {
    closeIf((key, journal) -> key.run.equals(run));
  }

  static void close(String run, Path path) {
    closeIf((key, journal) -> key.equals(new Key(run, path)));
  }

  private static synchronized void closeIf(BiPredicate<Key, SharedJournal> unwanted) {
    OPEN.entrySet()
        .removeIf(
            entry -> {
              boolean closes = unwanted.test(entry.getKey(), entry.getValue());
              if (closes) {
                entry.getValue().close();
              }
              return closes;
            });
  }

  private void close() {
    writer.close();
    reader.close();
  }

  private static void flushAtExit() {
    if (!hooked) {
      hooked = true;
      ShutdownHookManager.get()
          .addShutdownHook(() -> closeIf((key, journal) -> true), SHUTDOWN_PRIORITY);
    }
  }

  /** As {@link CompletionStore#find}. */
  boolean find(CompletionKey key, CompletionStore.Found found) {
    writer.checkWritable();
    return reader.find(key, found);
  }

  void put(CompletionKey key, GenerationResult result) {
    writer.put(key, result);
  }

  List<SkippedSegment> skipped() {
    return reader.skipped();
  }
}

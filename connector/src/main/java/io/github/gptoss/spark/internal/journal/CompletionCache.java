package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A folder of completions that any number of queries and jobs share, for as long as its owner keeps
 * it. Its files are those of a {@link Journal}: each writer has names of its own, so writers need
 * no lock, and any file may be removed at any time. A completion that cannot be written is not
 * kept, and the row goes on.
 */
public final class CompletionCache implements CompletionStore.Factory {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final SerializableConfiguration conf;
  private final CompletionObserver observer;

  private CompletionCache(String path, Configuration conf, CompletionObserver observer) {
    this.path = path;
    this.conf = new SerializableConfiguration(conf);
    this.observer = observer;
  }

  /**
   * Checks what can be told of a folder without changing anything.
   *
   * @param folder option {@code completion_cache}
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it cannot be a cache
   */
  public static void check(String folder, Configuration conf) {
    try {
      Path path = new Path(folder);
      FileSystem files = path.getFileSystem(conf);
      if (!files.exists(path)) {
        return;
      }
      if (!files.getFileStatus(path).isDirectory()) {
        throw JournalErrors.cacheIsNoFolder(folder);
      }
      if (files.exists(new Path(path, "_delta_log"))) {
        throw JournalErrors.cacheIsTable(folder);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw JournalErrors.cacheUnreachable(folder, e);
    }
  }

  /**
   * The cache for the tasks of a query; makes the folder, writes and removes a file, and begins to
   * put small files together where there are many.
   *
   * @param folder option {@code completion_cache}
   * @param observer told of files that are damaged, by a task of each stage on each executor
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it cannot be used
   */
  public static CompletionCache open(
      String folder, Configuration conf, CompletionObserver observer) {
    check(folder, conf);
    try {
      Path given = new Path(folder);
      FileSystem files = given.getFileSystem(conf);
      Path path = files.makeQualified(given);
      files.mkdirs(path);
      Path probe = new Path(path, "." + UUID.randomUUID() + ".tmp");
      files.create(probe, false).close();
      files.delete(probe, false);
      CacheCompaction.beginIfWanted(new JournalFolder(path, conf));
      return new CompletionCache(path.toString(), conf, observer);
    } catch (IOException | IllegalArgumentException e) {
      throw JournalErrors.cacheUnreachable(folder, e);
    }
  }

  @Override
  public CompletionStore open() {
    TaskContext task = TaskContext.get();
    SharedJournal cache;
    try {
      cache = SharedJournal.ofCache(new Path(path), conf.value());
    } catch (IOException e) {
      throw JournalErrors.cacheUnreachable(path, e);
    }
    try {
      if (cache.begin(task == null ? -1 : task.stageId())) {
        // By one task of a stage: there may be many of both.
        cache.skipped().forEach(segment -> observer.skipped(segment.file(), segment.reason()));
      }
      return new TaskStore(cache);
    } catch (RuntimeException | Error e) {
      cache.leave();
      throw e;
    }
  }
}

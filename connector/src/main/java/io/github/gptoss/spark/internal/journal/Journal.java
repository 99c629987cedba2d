package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A folder of completions that were generated and are not yet part of a table, so that a task that
 * is retried or a job that is started again need not generate them again. Executors write segments
 * to it, each under a name of its own, and read all that are there when they begin: it may be
 * shared by any number of them, on any Hadoop filesystem.
 *
 * <p>Holds completions in plain, so it has to be as well guarded as the table: {@link #create}
 * gives it the permissions of the folder beside it.
 */
public final class Journal implements CompletionStore.Factory {
  private static final long serialVersionUID = 1L;

  private final String run;
  private final String path;
  private final long flushMillis;
  private final SerializableConfiguration conf;
  private final CollectionAccumulator<SkippedSegment> skipped;
  private final CollectionAccumulator<Long> lostTokens;

  /**
   * @param run tells this run from others on the same folder, which executors may still remember
   * @param path the folder
   * @param flushMillis how long a completion may wait before it is written
   * @param skipped told of segments that are damaged, by each executor that meets them
   * @param lostTokens told how many tokens earlier runs generated and could not keep, by each
   *     executor; all say the same
   */
  public Journal(
      String run,
      String path,
      long flushMillis,
      Configuration conf,
      CollectionAccumulator<SkippedSegment> skipped,
      CollectionAccumulator<Long> lostTokens) {
    this.run = run;
    this.path = path;
    this.flushMillis = flushMillis;
    this.conf = new SerializableConfiguration(conf);
    this.skipped = skipped;
    this.lostTokens = lostTokens;
  }

  /**
   * Makes the folder where it is not there.
   *
   * @param like a folder whose permissions it gets
   * @throws io.github.gptoss.engine.error.GptOssException if it cannot be written
   */
  public void create(String like) {
    Path folder = new Path(path);
    try {
      FileSystem files = folder.getFileSystem(conf.value());
      boolean isNew = !files.exists(folder);
      files.mkdirs(folder);
      Path model = new Path(like);
      if (isNew && files.exists(model)) {
        files.setPermission(folder, files.getFileStatus(model).getPermission());
      }
    } catch (IOException e) {
      throw JournalErrors.cannotWrite(folder, e);
    }
  }

  /** Deletes the folder: what it holds is in the table now. Whether that worked. */
  public boolean delete() {
    Path folder = new Path(path);
    SharedJournal.close(run, folder);
    try {
      return folder.getFileSystem(conf.value()).delete(folder, true);
    } catch (IOException e) {
      return false;
    }
  }

  /** Writes what this JVM has waiting of a run, for a job that ends early. */
  public static void flush(String run) {
    SharedJournal.close(run);
  }

  @Override
  public CompletionStore open() {
    Path folder = new Path(path);
    TaskContext task = TaskContext.get();
    boolean again = task != null && (task.attemptNumber() > 0 || task.stageAttemptNumber() > 0);
    SharedJournal journal;
    try {
      journal = SharedJournal.of(run, folder, conf.value(), flushMillis, again);
    } catch (IOException e) {
      throw JournalErrors.cannotList(folder, e);
    }
    journal.skipped().forEach(skipped::add);
    if (journal.lostTokens() > 0) {
      lostTokens.add(journal.lostTokens());
    }
    return new TaskStore(journal);
  }
}

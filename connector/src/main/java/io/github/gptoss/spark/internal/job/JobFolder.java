package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * Where a job keeps what it needs to go on: {@code job.json}, the checkpoint of its streaming
 * query, and the journal. By default inside the output, so that it goes with it when the table is
 * deleted, and under a name that begins with an underscore, which VACUUM and all readers pass over.
 */
final class JobFolder {
  static final String DEFAULT_NAME = "_gptoss";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Which job writes the output.
   *
   * @param job names its commits, so that none is made twice
   * @param mode how it tells which rows are done
   * @param from version of the input with which the streaming query begins; null for all that the
   *     input holds
   * @param checked last version of the input whose changes of old rows have been dealt with; null
   *     where the output is yet to be compared with the input
   * @param leftChanges whether changes of old rows were left as they are
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record State(
      @JsonProperty("job") String job,
      @JsonProperty("mode") JobSpec.Mode mode,
      @JsonProperty("from") Long from,
      @JsonProperty("checked") Long checked,
      @JsonProperty("left_changes") boolean leftChanges) {

    static State begun(JobSpec.Mode mode) {
      return new State(UUID.randomUUID().toString(), mode, null, null, false);
    }

    /** The same job, with the input's changes dealt with up to a version. */
    State checked(long version, boolean leftMore) {
      return new State(job, mode, from, version, leftChanges || leftMore);
    }

    /** A new streaming query for an output that has all of the input's rows up to a version. */
    State caughtUp(long version, boolean left) {
      return new State(
          UUID.randomUUID().toString(), JobSpec.Mode.STREAMING, version + 1, version, left);
    }
  }

  private final Path path;
  private final FileSystem files;
  private final Configuration conf;

  JobFolder(String folder, Configuration conf) throws IOException {
    this.conf = conf;
    Path given = new Path(folder);
    files = given.getFileSystem(conf);
    path = files.makeQualified(given);
  }

  private Path stateFile() {
    return new Path(path, "job.json");
  }

  /** Null where no job has begun to write. */
  State state() throws IOException {
    if (!files.exists(stateFile())) {
      return null;
    }
    try (InputStream in = files.open(stateFile())) {
      return JSON.readValue(in.readAllBytes(), State.class);
    } catch (IOException e) {
      throw JobErrors.stateUnreadable(stateFile().toString(), e);
    }
  }

  /** Keeps the state, whole or not at all. */
  void keep(State state) throws IOException {
    Path temporary = new Path(path, ".job.json." + UUID.randomUUID());
    try (OutputStream out = files.create(temporary, false)) {
      out.write(JSON.writeValueAsString(state).getBytes(StandardCharsets.UTF_8));
    }
    try {
      FileContext.getFileContext(path.toUri(), conf)
          .rename(temporary, stateFile(), Options.Rename.OVERWRITE);
    } catch (UnsupportedFileSystemException e) {
      // Not every filesystem can replace a file in one step.
      files.delete(stateFile(), false);
      if (!files.rename(temporary, stateFile())) {
        throw new IOException("'" + temporary + "' could not become '" + stateFile() + "'", e);
      }
    }
  }

  private Path leftRows() {
    return new Path(path, "left-rows");
  }

  /** Whether a run that ended, however it did, may have left rows that its budget did not allow. */
  boolean mayHaveLeftRows() throws IOException {
    return files.exists(leftRows());
  }

  /** From now on the output may have such rows. */
  void keepLeftRows() throws IOException {
    files.create(leftRows(), true).close();
  }

  /** The output has no such rows. */
  void hasNoLeftRows() throws IOException {
    files.delete(leftRows(), false);
  }

  /** Whether a job's streaming query has finished a batch. */
  boolean hasCommits(State state) throws IOException {
    Path commits = new Path(checkpoint(state), "commits");
    return files.exists(commits) && files.listStatus(commits).length > 0;
  }

  /** Where a job's streaming query keeps how far it is. */
  String checkpoint(State state) {
    String name = state.from() == null ? "checkpoint" : "checkpoint-" + state.from();
    return new Path(path, name).toString();
  }

  /** Deletes what a streaming query kept that is not to go on. */
  void deleteCheckpoint(State state) throws IOException {
    files.delete(new Path(checkpoint(state)), true);
  }

  /** For the permissions of what is made in it. */
  String path() {
    return path.toString();
  }

  String reports() {
    return new Path(path, "reports").toString();
  }

  String journal() {
    return new Path(path, "journal").toString();
  }

  /**
   * Deletes the journal: what executors may have left of it, and parts that could not be deleted
   * when they were done.
   *
   * @throws IOException also where the filesystem only says that it did not delete the folder
   */
  void deleteJournal() throws IOException {
    Path journal = new Path(journal());
    if (!files.delete(journal, true) && files.exists(journal)) {
      throw new IOException("the folder is still there");
    }
  }
}

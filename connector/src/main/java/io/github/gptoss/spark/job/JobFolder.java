package io.github.gptoss.spark.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where a job keeps what it needs to go on: {@code job.json}, the checkpoint of its streaming
 * query, and the journal. By default inside the output, so that it goes with it when the table is
 * deleted, and under a name that begins with an underscore, which VACUUM and all readers pass over.
 */
final class JobFolder {
  private static final String DEFAULT_NAME = "_gptoss";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Which job writes the output.
   *
   * @param job names its commits, so that none is made twice
   * @param mode how it tells which rows are done
   */
  record State(@JsonProperty("job") String job, @JsonProperty("mode") JobCommand.Mode mode) {}

  private final Path path;
  private final FileSystem files;

  /**
   * @param checkpoint null for the default
   */
  JobFolder(String checkpoint, String output, Configuration conf) throws IOException {
    Path given = checkpoint == null ? new Path(output, DEFAULT_NAME) : new Path(checkpoint);
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

  /** Begins a job, whole or not at all. */
  State begin(JobCommand.Mode mode) throws IOException {
    State state = new State(UUID.randomUUID().toString(), mode);
    Path temporary = new Path(path, ".job.json." + state.job);
    try (OutputStream out = files.create(temporary, false)) {
      out.write(JSON.writeValueAsString(state).getBytes(StandardCharsets.UTF_8));
    }
    files.delete(stateFile(), false);
    if (!files.rename(temporary, stateFile())) {
      throw new IOException("'" + temporary + "' could not be renamed to '" + stateFile() + "'");
    }
    return state;
  }

  /** Whether a streaming query has finished a batch from here. */
  boolean hasCommits() throws IOException {
    return files.exists(new Path(checkpoint(), "commits"))
        && files.listStatus(new Path(checkpoint(), "commits")).length > 0;
  }

  String checkpoint() {
    return new Path(path, "checkpoint").toString();
  }

  String reports() {
    return new Path(path, "reports").toString();
  }

  String journal() {
    return new Path(path, "journal").toString();
  }

  /** Deletes what executors may have left of the journal, where it is not to be kept. */
  void deleteJournalIf(boolean unwanted) throws IOException {
    if (unwanted) {
      files.delete(new Path(journal()), true);
    }
  }
}

package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import java.net.URI;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * What a job is to do, however it was asked for.
 *
 * @param idColumn column that identifies a row, or a field of one; null for {@code id}, where the
 *     table has it
 * @param mode null for streaming where the input is a Delta table and the output is only to grow,
 *     and for batch otherwise
 * @param onChange null where the caller did not choose, which skips what can be skipped safely
 * @param batchFiles files of the input that streaming mode completes in one commit
 * @param report folder of the run's report; null for the job's own folder
 * @param steps what is done with the rows beside completing them
 * @param options options of the connector, by name
 */
public record JobSpec(
    Input input,
    Output output,
    String idColumn,
    Mode mode,
    OnChange onChange,
    int batchFiles,
    Journal journal,
    ErrorAllowance errorAllowance,
    boolean retryErrors,
    boolean dryRun,
    String report,
    RowSteps steps,
    Map<String, String> options) {
  static final String DELTA = "delta";

  /** How the job tells which rows are done. */
  public enum Mode {
    @JsonProperty("batch")
    BATCH,
    @JsonProperty("streaming")
    STREAMING
  }

  /** What happens to a table that exists. */
  public enum OutputMode {
    RESUME,
    ERRORIFEXISTS,
    OVERWRITE,
    APPEND
  }

  /** Whether completions are kept in files until their table is written. */
  public enum JournalMode {
    ON,
    OFF,
    KEEP
  }

  /** What happens to completed rows whose prompt changed in the input. */
  public enum OnChange {
    SKIP,
    COMPLETE,
    FAIL
  }

  /**
   * Where the prompts are.
   *
   * @param format Spark's name of the source; null where {@code table} is given
   * @param path null where {@code table} is given, and for sources that need none
   * @param table name in a catalog; null where {@code format} is given
   * @param reader options of Spark's reader; may hold secrets
   */
  public record Input(String format, String path, String table, Map<String, String> reader) {
    boolean isFormat(String name) {
      return name.equalsIgnoreCase(format);
    }

    /** The table's name as SQL statements take it. */
    String quotedTable() {
      return TableName.quoted("--input-table", table);
    }

    /** As people know it. */
    String name() {
      return table != null ? table : path != null ? path : format;
    }

    /** The argument that named it, for messages. */
    String argument() {
      return (table != null ? "--input-table '" : path != null ? "--input '" : "--input-format '")
          + name()
          + "'";
    }
  }

  /**
   * Where the completions go.
   *
   * @param path null where {@code table} is given
   * @param table name in a catalog; null where {@code path} is given
   * @param checkpoint folder of what the job keeps to go on from; null for one inside the table
   */
  public record Output(String path, String table, OutputMode mode, String checkpoint) {
    /** As people know it. */
    public String name() {
      return table != null ? table : path;
    }

    /** The argument that named it, for messages. */
    String argument() {
      return table != null ? "--output-table" : "--output";
    }

    /** The table's name as SQL statements take it. */
    public String quotedTable() {
      return TableName.quoted(argument(), table);
    }

    /** Whether rows that an existing table lacks are added to it. */
    boolean resumes() {
      return mode == OutputMode.RESUME;
    }
  }

  /**
   * How completions are kept until their table is written.
   *
   * @param seconds how long a completion may wait to be kept
   */
  public record Journal(JournalMode mode, int seconds) {}

  /**
   * How many rows may fail.
   *
   * @param share of the rows, 0 to 1; null for no limit
   * @param leastRows rows before the share means anything
   */
  public record ErrorAllowance(Double share, long leastRows) {}

  public JobSpec {
    options = Collections.unmodifiableMap(PromptTables.withPromptSource(input.format(), options));
    if (input.table() != null) {
      input.quotedTable();
    }
    if (output.table() != null) {
      output.quotedTable();
    }
    if (input.path() != null
        && output.path() != null
        && location("--input", input.path()).equals(location("--output", output.path()))) {
      throw ArgumentErrors.outputIsInput(input.path());
    }
    if (input.table() != null && input.table().equalsIgnoreCase(output.table())) {
      throw ArgumentErrors.outputIsInput(input.table());
    }
    if (output.checkpoint() != null) {
      location("--checkpoint", output.checkpoint());
    }
    if (mode == Mode.STREAMING) {
      if (input.table() == null && !input.isFormat(DELTA)) {
        throw ArgumentErrors.streamingNeedsDelta(input.argument());
      }
      if (!output.resumes()) {
        throw ArgumentErrors.streamingResumes(text(output.mode()));
      }
    }
    Double share = errorAllowance.share();
    if (share != null && !(share >= 0 && share <= 1)) {
      throw ArgumentErrors.outOfRange("--error-threshold", share, "between 0 and 1");
    }
    if (journal.seconds() < 1) {
      throw ArgumentErrors.outOfRange("--journal-seconds", journal.seconds(), "at least 1");
    }
    if (batchFiles < 1) {
      throw ArgumentErrors.outOfRange("--batch-files", batchFiles, "at least 1");
    }
  }

  /**
   * The same job over rows that steps make of the input, told by a column of theirs.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the job is to stream
   */
  public JobSpec with(RowSteps otherSteps, String otherIdColumn, Map<String, String> otherOptions) {
    if (mode == Mode.STREAMING) {
      throw ArgumentErrors.streamsNoSteps();
    }
    return new JobSpec(
        input,
        output,
        otherIdColumn,
        Mode.BATCH,
        onChange,
        batchFiles,
        journal,
        errorAllowance,
        retryErrors,
        dryRun,
        report,
        otherSteps,
        otherOptions);
  }

  /** A path without what may be written in several ways: slashes at its end, local schemes. */
  private static String location(String argument, String path) {
    URI uri;
    try {
      uri = new Path(path).toUri();
    } catch (IllegalArgumentException e) {
      throw ArgumentErrors.notAPath(argument, path, e);
    }
    return uri.getScheme() == null || uri.getScheme().equals("file")
        ? Paths.get(uri.getPath()).toAbsolutePath().normalize().toString()
        : uri.toString();
  }

  /** A choice as it is written on the command line and in audits. */
  static String text(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}

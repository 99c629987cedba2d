package io.github.gptoss.spark.job;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.StructType;

/** Errors of the job's own arguments. */
final class JobErrors {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_-]{1,40}");

  private JobErrors() {}

  static InvalidConfigException setTwice(String option) {
    return new InvalidConfigException(
        "option " + option + " is given by its own argument and by --set: keep one");
  }

  static InvalidConfigException setAgain(String option) {
    return new InvalidConfigException("option " + option + " is given twice by --set: keep one");
  }

  static InvalidConfigException setWithoutValue(String assignment) {
    // What is no name may be half of a prompt that was not quoted.
    String name = NAME.matcher(assignment).matches() ? " " + assignment : "";
    return new InvalidConfigException(
        "--set"
            + name
            + " has no value: write --set OPTION=VALUE, for instance --set max_tokens=512");
  }

  static InvalidConfigException noInput(String input) {
    return new InvalidConfigException(
        "--input '" + input + "' does not exist: give the file, folder or table of the prompts");
  }

  static InvalidConfigException noColumns(String input, JobCommand.InputFormat format) {
    return new InvalidConfigException(
        "--input '"
            + input
            + "' holds no columns, so it is probably empty: expected "
            + switch (format) {
              case json -> "JSON lines, one object a line, with a prompt or messages in each";
              case csv -> "CSV with the columns' names in its first line";
              case parquet, delta -> "a table with a column of prompts or messages";
            });
  }

  static InvalidConfigException notFormat(String input, String format) {
    return new InvalidConfigException(
        "--input '"
            + input
            + "' is not "
            + format
            + ": give the --input-format that it has, or convert it");
  }

  static InvalidConfigException noHeader(String input, String wanted, int fields) {
    return new InvalidConfigException(
        "--input '"
            + input
            + "' has no column '"
            + wanted
            + "' among the "
            + fields
            + " that its first line names: CSV needs the columns' names in its first line, and"
            + " --prompt-col or --messages-col one of them");
  }

  static InvalidConfigException streamingNeedsDelta(JobCommand.InputFormat format) {
    return new InvalidConfigException(
        "--mode streaming reads Delta tables, and --input-format is "
            + format
            + ": leave --mode out, or use --mode batch");
  }

  static InvalidConfigException streamingResumes(JobCommand.OutputMode mode) {
    return new InvalidConfigException(
        "--output-mode "
            + mode
            + " is for batch mode: streaming adds new rows to what the output has; use --mode batch"
            + " with it");
  }

  static InvalidConfigException needsIdColumn(String output) {
    return new InvalidConfigException(
        "output '"
            + output
            + "' exists already, and the input has no column to tell which rows it lacks: name one"
            + " by --id-col, or use --output-mode overwrite or append");
  }

  static InvalidConfigException otherMode(String output, String before, String now) {
    return new InvalidConfigException(
        "output '"
            + output
            + "' was written in "
            + before
            + " mode, and this run is in "
            + now
            + " mode, which does not know what the other one did: use --mode "
            + before
            + ", or another --output");
  }

  static InvalidConfigException outputGone(String output, String checkpoint) {
    return new InvalidConfigException(
        "the checkpoint '"
            + checkpoint
            + "' is of an output that '"
            + output
            + "' no longer holds: delete the checkpoint to begin again, or restore the output");
  }

  static InvalidConfigException nothingToRetry(String output) {
    return new InvalidConfigException(
        "--retry-errors completes failed rows of a table that this job wrote, and output '"
            + output
            + "' holds none: run the job without it first");
  }

  static InvalidConfigException outOfRange(String argument, Object value, String allowed) {
    return new InvalidConfigException(argument + " is " + value + ": it must be " + allowed);
  }

  static GptOssException stateUnreadable(String file, Throwable cause) {
    return new GptOssException(
        "'"
            + file
            + "' is not what the job wrote there, so it cannot tell what is done: delete the folder"
            + " around it and the output to begin again, or restore it",
        cause);
  }

  static TooManyErrorsException tooManyErrors(long errors, long rows, double threshold) {
    return new TooManyErrorsException(
        "stopped: "
            + errors
            + " of "
            + rows
            + " rows failed, a larger share than --error-threshold "
            + threshold
            + " allows. What was done is kept: mend what is wrong and start the same job again, and"
            + " use --retry-errors for failed rows that the output has already");
  }

  static InvalidConfigException noIdColumn(String column, StructType table) {
    String hint = NearestName.hint(column, Arrays.asList(table.fieldNames()));
    return new InvalidConfigException(
        "--id-col names column '"
            + column
            + "', which the table does not have"
            + (hint.isEmpty()
                ? ": its columns are " + String.join(", ", table.fieldNames())
                : hint));
  }

  static InvalidConfigException outputExists(String output) {
    return new InvalidConfigException(
        "output '"
            + output
            + "' exists already and was not written by this job: choose another path, or"
            + " --output-mode overwrite or append");
  }

  static InvalidConfigException notAPath(String argument, String path, Exception cause) {
    String problem = path.isBlank() ? "is empty" : "'" + path + "' is no path or URI";
    return new InvalidConfigException(
        argument + " " + problem + ": give a path, or a URI such as s3a://bucket/folder", cause);
  }

  static GptOssException outputChanged(String path) {
    return new GptOssException(
        "--output '"
            + path
            + "' got another commit while --retry-errors looked for failed rows, so nothing was"
            + " written: run it again when no other job writes there");
  }

  static GptOssException replacedTooMuch(String path, long version) {
    return new GptOssException(
        "--output '"
            + path
            + "' got another commit just before --retry-errors wrote, so rows that failed in it may be"
            + " gone: end what else writes there, RESTORE the table to version "
            + version
            + " or the one after it, and run it again");
  }

  static InvalidConfigException outputIsInput(String path) {
    return new InvalidConfigException(
        "--input and --output are both '" + path + "': write to another path");
  }
}

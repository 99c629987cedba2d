package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Errors of what a job meets: its input, its output and what it kept. */
final class JobErrors {
  private JobErrors() {}

  static InvalidConfigException noInput(JobSpec.Input input) {
    return new InvalidConfigException(
        input.argument() + " does not exist: give the file, folder or table of the prompts");
  }

  static InvalidConfigException noSource(String format, String hint, Exception cause) {
    return new InvalidConfigException(
        "--input-format '"
            + format
            + "' is no source that Spark knows here"
            + (hint.isEmpty()
                ? ": give the name of one, and its package by --packages where Spark does not bring"
                    + " it"
                : hint),
        cause);
  }

  static InvalidConfigException noColumns(JobSpec.Input input) {
    String expected =
        input.isFormat("json")
            ? "JSON lines, one object a line, with a prompt or messages in each"
            : input.isFormat("csv")
                ? "CSV with the columns' names in its first line"
                : "a table with a column of prompts or messages";
    return new InvalidConfigException(
        input.argument() + " holds no columns, so it is probably empty: expected " + expected);
  }

  static InvalidConfigException notFormat(JobSpec.Input input, String format) {
    return new InvalidConfigException(
        input.argument()
            + " is not "
            + format
            + ": give the --input-format that it has, or convert it");
  }

  static InvalidConfigException notJson(JobSpec.Input input) {
    return new InvalidConfigException(
        input.argument()
            + " is not JSON lines, one object a line, nor one array: where objects take several"
            + " lines, add --set input.multiLine=true; where it is no JSON, give the --input-format"
            + " that it has");
  }

  static InvalidConfigException noHeader(JobSpec.Input input, String wanted, int fields) {
    return new InvalidConfigException(
        input.argument()
            + " has no column '"
            + wanted
            + "' among the "
            + fields
            + " that its first line names: CSV needs the columns' names in its first line, and"
            + " --prompt-col or --messages-col one of them");
  }

  static InvalidConfigException outputNotDelta(JobSpec.Output output) {
    return new InvalidConfigException(
        output.argument()
            + " '"
            + output.name()
            + "' is a table that is not Delta, and the job writes Delta: give another name");
  }

  static InvalidConfigException needsCheckpoint(JobSpec.Output output) {
    return new InvalidConfigException(
        output.argument()
            + " '"
            + output.name()
            + "' is a table whose folder its catalog manages, so the job cannot keep there what it"
            + " goes on from: give a folder by --checkpoint PATH, the same for every run");
  }

  static InvalidConfigException needsColumnMapping(
      JobSpec.Output output, String column, String identifier) {
    return new InvalidConfigException(
        output.argument()
            + " '"
            + output.name()
            + "' cannot take column '"
            + column.replace("\n", "\\n").replace("\t", "\\t")
            + "', since Delta allows blanks and ,;{}()= in names only with column mapping: run"
            + " ALTER TABLE "
            + identifier
            + " SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name') first, or rename the"
            + " column");
  }

  static InvalidConfigException noIdInOutput(String column, String output, StructType table) {
    return new InvalidConfigException(
        "--id-col "
            + column
            + " is a column of the input that output '"
            + output
            + "' does not have, so which rows are done cannot be told: its columns are "
            + String.join(", ", table.fieldNames())
            + "; name one that both have, or use another output");
  }

  static InvalidConfigException idTypeChanged(
      String column, String output, DataType before, DataType now) {
    return new InvalidConfigException(
        "--id-col "
            + column
            + " is "
            + before.sql()
            + " in output '"
            + output
            + "' and "
            + now.sql()
            + " in the input, so which rows are done cannot be told: give the input's column the"
            + " type "
            + before.sql()
            + ", or use another output");
  }

  static GptOssException inputChanged(JobSpec.Input input, long changed, long gone) {
    return new GptOssException(
        input.argument()
            + " has changed: "
            + changed
            + " rows that are done have another prompt now, and "
            + gone
            + " are gone; --on-change fail stops at that, skip leaves them as they are, and"
            + " complete redoes changed prompts");
  }

  static GptOssException inputChanged(JobSpec.Input input, List<DeltaHistory.Change> changes) {
    return new GptOssException(
        input.argument()
            + " has commits that changed rows which are done ("
            + DeltaHistory.Change.list(changes)
            + "): --on-change fail stops at that, skip leaves the rows as they are");
  }

  static InvalidConfigException changeNeedsIdColumn(
      JobSpec.Input input, List<DeltaHistory.Change> changes) {
    return new InvalidConfigException(
        input.argument()
            + " has commits that changed rows which are done ("
            + DeltaHistory.Change.list(changes)
            + "), and no id column tells their new rows from old ones: name one by --id-col, or"
            + " give --on-change skip, which passes over all rows of these commits");
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
            + " mode, and the input has no id column by which it could tell what the other one did:"
            + " name one by --id-col, use --mode "
            + before
            + ", or another output");
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
            + "' exists already and was not written by this job: choose another one, or"
            + " --output-mode overwrite or append");
  }

  static GptOssException outputChanged(String path) {
    return new GptOssException(
        "output '"
            + path
            + "' got another commit while --retry-errors looked for failed rows, so nothing was"
            + " written: run it again when no other job writes there");
  }

  static GptOssException replacedTooMuch(String path, long version) {
    return new GptOssException(
        "output '"
            + path
            + "' got another commit just before --retry-errors wrote, so rows that failed in it may"
            + " be gone: end what else writes there, RESTORE the table to version "
            + version
            + " or the one after it, and run it again");
  }
}

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
  /** More rows failed than the caller allowed. */
  static final class TooManyErrorsException extends GptOssException {
    private static final long serialVersionUID = 1L;

    TooManyErrorsException(String message) {
      super(message);
    }
  }

  private JobErrors() {}

  static InvalidConfigException noInput(JobSpec.Input input) {
    return invalid(
        "%s does not exist: give the file, folder or table of the prompts", input.argument());
  }

  static InvalidConfigException noSource(String format, String hint, Exception cause) {
    return new InvalidConfigException(
        "--input-format '%s' is no source that Spark knows here%s"
            .formatted(
                format,
                hint.isEmpty()
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
    return invalid(
        "%s holds no columns, so it is probably empty: expected %s", input.argument(), expected);
  }

  static InvalidConfigException notFormat(JobSpec.Input input, String format) {
    return invalid(
        "%s is not %s: give the --input-format that it has, or convert it",
        input.argument(), format);
  }

  static InvalidConfigException notJson(JobSpec.Input input) {
    return invalid(
        "%s is not JSON lines, one object a line, nor one array: where objects take several"
            + " lines, add --set input.multiLine=true; where it is no JSON, give the"
            + " --input-format that it has",
        input.argument());
  }

  static InvalidConfigException noHeader(JobSpec.Input input, String wanted, int fields) {
    return invalid(
        "%s has no column '%s' among the %s that its first line names: CSV needs the columns'"
            + " names in its first line, and --prompt-col or --messages-col one of them",
        input.argument(), wanted, fields);
  }

  static InvalidConfigException outputNotDelta(JobSpec.Output output) {
    return invalid(
        "%s '%s' is a table that is not Delta, and the job writes Delta: give another name",
        output.argument(), output.name());
  }

  static InvalidConfigException catalogNotDelta(JobSpec.Output output, Exception cause) {
    String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    return new InvalidConfigException(
        "%s '%s' is in a catalog that does not make it as a Delta table, and the job writes Delta: give a name in another catalog (%s)"
            .formatted(output.argument(), output.name(), said),
        cause);
  }

  static InvalidConfigException needsCheckpoint(JobSpec.Output output) {
    return invalid(
        "%s '%s' is a table whose folder its catalog manages, so the job cannot keep there what"
            + " it goes on from: give a folder by --checkpoint PATH, the same for every run",
        output.argument(), output.name());
  }

  static InvalidConfigException needsColumnMapping(
      JobSpec.Output output, String column, String identifier) {
    return invalid(
        "%s '%s' cannot take column '%s', since Delta allows blanks and ,;{}()= in names only"
            + " with column mapping: run ALTER TABLE %s SET TBLPROPERTIES"
            + " ('delta.columnMapping.mode' = 'name') first, or rename the column",
        output.argument(),
        output.name(),
        column.replace("\n", "\\n").replace("\t", "\\t"),
        identifier);
  }

  static InvalidConfigException otherParsedType(
      JobSpec.Output output, DataType known, DataType wanted) {
    return invalid(
        "%s '%s' has what is parsed of answers as %s, and this call makes it %s: set parsed_type and"
            + " the form of the answers as they were, or write to another output",
        output.argument(), output.name(), known.simpleString(), wanted.simpleString());
  }

  static InvalidConfigException noIdInOutput(String column, String output, StructType table) {
    return invalid(
        "--id-col %s is a column of the input that output '%s' does not have, so which rows are"
            + " done cannot be told: its columns are %s; name one that both have, or use another"
            + " output",
        column, output, String.join(", ", table.fieldNames()));
  }

  static InvalidConfigException idTypeChanged(
      String column, String output, DataType before, DataType now) {
    return invalid(
        "--id-col %1$s is %2$s in output '%3$s' and %4$s in the input, so which rows are done"
            + " cannot be told: give the input's column the type %2$s, or use another output",
        column, before.sql(), output, now.sql());
  }

  static GptOssException inputChanged(JobSpec.Input input, long changed, long gone) {
    return new GptOssException(
        ("%s has changed: %s rows that are done have another prompt now, and %s are gone;"
                + " --on-change fail stops at that, skip leaves them as they are, and complete"
                + " redoes changed prompts")
            .formatted(input.argument(), changed, gone));
  }

  static GptOssException inputChanged(JobSpec.Input input, List<DeltaHistory.Change> changes) {
    return new GptOssException(
        ("%s has commits that changed rows which are done (%s): --on-change fail stops at that,"
                + " skip leaves the rows as they are")
            .formatted(input.argument(), DeltaHistory.Change.list(changes)));
  }

  static InvalidConfigException changeNeedsIdColumn(
      JobSpec.Input input, List<DeltaHistory.Change> changes) {
    return invalid(
        "%s has commits that changed rows which are done (%s), and no id column tells their new"
            + " rows from old ones: name one by --id-col, or give --on-change skip, which passes"
            + " over all rows of these commits",
        input.argument(), DeltaHistory.Change.list(changes));
  }

  static InvalidConfigException needsIdColumn(String output) {
    return invalid(
        "output '%s' exists already, and the input has no column to tell which rows it lacks:"
            + " name one by --id-col, or use --output-mode overwrite or append",
        output);
  }

  static InvalidConfigException otherMode(String output, String before, String now) {
    return invalid(
        "output '%1$s' was written in %2$s mode, and this run is in %3$s mode, and the input has"
            + " no id column by which it could tell what the other one did: name one by --id-col,"
            + " use --mode %2$s, or another output",
        output, before, now);
  }

  static InvalidConfigException outputGone(String output, String checkpoint) {
    return invalid(
        "the checkpoint '%s' is of an output that '%s' no longer holds: delete the checkpoint to"
            + " begin again, or restore the output",
        checkpoint, output);
  }

  static InvalidConfigException nothingToRetry(String output) {
    return invalid(
        "--retry-errors completes failed rows of a table that this job wrote, and output '%s'"
            + " holds none: run the job without it first",
        output);
  }

  static GptOssException stateUnreadable(String file, Throwable cause) {
    return new GptOssException(
        ("'%s' is not what the job wrote there, so it cannot tell what is done: delete the folder"
                + " around it and the output to begin again, or restore it")
            .formatted(file),
        cause);
  }

  static TooManyErrorsException tooManyErrors(long errors, long rows, double threshold) {
    return new TooManyErrorsException(
        ("stopped: %s of %s rows failed, a larger share than --error-threshold %s allows. What"
                + " was done is kept: mend what is wrong and start the same job again, and use"
                + " --retry-errors for failed rows that the output has already")
            .formatted(errors, rows, threshold));
  }

  static InvalidConfigException noIdColumn(String column, StructType table) {
    String hint = NearestName.hint(column, Arrays.asList(table.fieldNames()));
    return invalid(
        "--id-col names column '%s', which the table does not have%s",
        column,
        hint.isEmpty() ? ": its columns are " + String.join(", ", table.fieldNames()) : hint);
  }

  static InvalidConfigException outputExists(String output) {
    return invalid(
        "output '%s' exists already and was not written by this job: choose another one, or"
            + " --output-mode overwrite or append",
        output);
  }

  static GptOssException outputChanged(String path) {
    return new GptOssException(
        ("output '%s' got another commit while --retry-errors looked for failed rows, so nothing"
                + " was written: run it again when no other job writes there")
            .formatted(path));
  }

  static GptOssException replacedTooMuch(String path, long version) {
    return new GptOssException(
        ("output '%s' got another commit just before --retry-errors wrote, so rows that failed in"
                + " it may be gone: end what else writes there, RESTORE the table to version %s"
                + " or the one after it, and run it again")
            .formatted(path, version));
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}

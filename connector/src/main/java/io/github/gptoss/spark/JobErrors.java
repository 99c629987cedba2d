package io.github.gptoss.spark;

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

  static InvalidConfigException noColumns(String input, GptOssJob.InputFormat format) {
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

  static InvalidConfigException streaming() {
    return new InvalidConfigException(
        "--mode streaming is not there yet: use --mode batch, which reads the whole table once");
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
            + "' exists already: choose another path, or --output-mode overwrite or append");
  }

  static InvalidConfigException outputIsInput(String path) {
    return new InvalidConfigException(
        "--input and --output are both '" + path + "': write to another path");
  }
}

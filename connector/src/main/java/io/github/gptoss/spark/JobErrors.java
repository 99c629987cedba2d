package io.github.gptoss.spark;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Arrays;
import org.apache.spark.sql.types.StructType;

/** Errors of the job's own arguments. */
final class JobErrors {
  private JobErrors() {}

  static InvalidConfigException setTwice(String option) {
    return new InvalidConfigException(
        "option " + option + " is given by its own argument and by --set: keep one");
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

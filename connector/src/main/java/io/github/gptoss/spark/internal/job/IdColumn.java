package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.prompts.ColumnPath;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The column, or the field of one, that identifies a row of the input and of the output.
 *
 * @param name as the caller gave it
 * @param path where the input has it
 */
record IdColumn(String name, ColumnPath path) {
  private static final String DEFAULT = "id";

  /**
   * Finds the column that identifies a row.
   *
   * @param wanted null for column {@code id}, which the table need not have
   * @param caseSensitive Spark's {@code spark.sql.caseSensitive}
   * @return null where the table has no column {@code id}, and none was wanted
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the wanted one is not there
   */
  static IdColumn find(StructType table, String wanted, boolean caseSensitive) {
    String name = wanted == null ? DEFAULT : wanted;
    Optional<ColumnPath> found = ColumnPath.find(table, name, caseSensitive);
    if (found.isEmpty() && wanted != null) {
      throw JobErrors.noIdColumn(wanted, table);
    }
    return found.map(path -> new IdColumn(name, path)).orElse(null);
  }

  /**
   * The same column, where an output has it too.
   *
   * @param isWanted whether the caller named the column
   * @return null where the output does not have the column, and the caller did not name it
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the output does not have the
   *     column that the caller named, or has it with another type
   */
  IdColumn alsoIn(StructType output, String outputName, boolean isWanted, boolean caseSensitive) {
    Optional<ColumnPath> there = ColumnPath.find(output, name, caseSensitive);
    if (there.isEmpty() && isWanted) {
      throw JobErrors.noIdInOutput(name, outputName, output);
    }
    DataType type = path.type();
    if (there.isPresent() && !DataType.equalsIgnoreNullability(type, there.get().type())) {
      throw JobErrors.idTypeChanged(name, outputName, there.get().type(), type);
    }
    return there.isPresent() ? this : null;
  }

  /** As SQL statements name it. */
  String quoted() {
    return path.quoted();
  }

  Column column() {
    return path.column();
  }
}

package io.github.gptoss.spark.job;

import io.github.gptoss.spark.schema.PromptInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The column, or the field of one, that identifies a row of the input and of the output.
 *
 * @param name as the caller gave it
 * @param quoted as Spark's parser takes it
 */
record IdColumn(String name, String quoted, DataType type) {
  private static final String DEFAULT = "id";

  /**
   * Finds the column that identifies a row.
   *
   * @param wanted null for column {@code id}, which the table need not have
   * @return null where the table has no column {@code id}, and none was wanted
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the wanted one is not there
   */
  static IdColumn find(StructType table, String wanted) {
    Optional<IdColumn> found = in(table, wanted == null ? DEFAULT : wanted);
    if (found.isEmpty() && wanted != null) {
      throw JobErrors.noIdColumn(wanted, table);
    }
    return found.orElse(null);
  }

  private static Optional<IdColumn> in(StructType table, String name) {
    Optional<StructField> whole = field(table, name);
    List<String> steps = new ArrayList<>();
    DataType type = table;
    for (String step : whole.isPresent() ? new String[] {name} : name.split("\\.", -1)) {
      Optional<StructField> field =
          type instanceof StructType struct ? field(struct, step) : Optional.empty();
      if (field.isEmpty()) {
        return Optional.empty();
      }
      steps.add(PromptInput.quoted(field.get().name()));
      type = field.get().dataType();
    }
    return Optional.of(new IdColumn(name, String.join(".", steps), type));
  }

  private static Optional<StructField> field(StructType struct, String name) {
    return Arrays.stream(struct.fields()).filter(f -> f.name().equalsIgnoreCase(name)).findFirst();
  }

  /**
   * The same column, where an output has it too.
   *
   * @param isWanted whether the caller named the column
   * @return null where the output does not have the column, and the caller did not name it
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the output does not have the
   *     column that the caller named, or has it with another type
   */
  IdColumn alsoIn(StructType output, String outputName, boolean isWanted) {
    Optional<IdColumn> there = in(output, name);
    if (there.isEmpty() && isWanted) {
      throw JobErrors.noIdInOutput(name, outputName, output);
    }
    if (there.isPresent() && !DataType.equalsIgnoreNullability(type, there.get().type)) {
      throw JobErrors.idTypeChanged(name, outputName, there.get().type, type);
    }
    return there.isPresent() ? this : null;
  }

  Column column() {
    return functions.col(quoted);
  }
}

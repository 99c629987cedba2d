package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A column of a table, or a field of a struct column, as an option names it.
 *
 * @param names the column's name, then those of the fields below it, spelled as the table has them
 * @param type of what the path leads to
 */
public record ColumnPath(List<String> names, DataType type) {
  public ColumnPath {
    names = List.copyOf(names);
  }

  /**
   * Finds a column. A name that a column has as a whole is that column, whatever its characters;
   * otherwise the name is read as Spark reads names: dots part the fields, and backquotes hold a
   * name with dots together, as in {@code `x.y`.z}.
   *
   * @param caseSensitive Spark's {@code spark.sql.caseSensitive}
   * @return empty where the table has no such column
   * @throws InvalidConfigException if the table has several, or backquotes do not match
   */
  public static Optional<ColumnPath> find(StructType table, String name, boolean caseSensitive) {
    Optional<StructField> whole = field(table, name, caseSensitive);
    if (whole.isPresent()) {
      return whole.map(f -> new ColumnPath(List.of(f.name()), f.dataType()));
    }
    List<String> names = new ArrayList<>();
    DataType type = table;
    for (String step : steps(name)) {
      Optional<StructField> field =
          type instanceof StructType struct ? field(struct, step, caseSensitive) : Optional.empty();
      if (field.isEmpty()) {
        return Optional.empty();
      }
      names.add(field.get().name());
      type = field.get().dataType();
    }
    return Optional.of(new ColumnPath(names, type));
  }

  /**
   * The column that an option names.
   *
   * @throws InvalidConfigException if the table has none of this name, or several
   */
  static ColumnPath of(StructType table, OptionName option, String name, boolean caseSensitive) {
    return find(table, name, caseSensitive)
        .orElseThrow(() -> SchemaErrors.missing(option, name, Arrays.asList(table.fieldNames())));
  }

  private static List<String> steps(String name) {
    try {
      return CollectionConverters.asJava(UnresolvedAttribute.parseAttributeName(name));
    } catch (Exception e) {
      // Scala declares no exceptions: the compiler does not let the checked one be named.
      if (e instanceof AnalysisException) {
        throw SchemaErrors.notAName(name, e);
      }
      throw e;
    }
  }

  /**
   * The field of a struct by name.
   *
   * @throws InvalidConfigException if several have it
   */
  static Optional<StructField> field(StructType struct, String name, boolean caseSensitive) {
    List<StructField> matches =
        Arrays.stream(struct.fields())
            .filter(f -> caseSensitive ? f.name().equals(name) : f.name().equalsIgnoreCase(name))
            .toList();
    if (matches.size() > 1) {
      throw SchemaErrors.ambiguous(name);
    }
    return matches.stream().findFirst();
  }

  public Column column() {
    return functions.col(quoted());
  }

  /** The path as Spark's parser takes it, whatever characters its names have. */
  public String quoted() {
    return names.stream().map(ColumnPath::quoted).collect(Collectors.joining("."));
  }

  /** A single name as Spark's parser takes it. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}

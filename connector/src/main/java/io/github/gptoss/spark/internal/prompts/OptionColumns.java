package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that hold each row's own value of an option, as {@code <option>_col} names them. A
 * null leaves the row with the call's value.
 */
final class OptionColumns {
  private final Map<OptionKey, Column> texts = new LinkedHashMap<>();

  /**
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is missing, ambiguous
   *     or of a type that its option does not take
   */
  OptionColumns(StructType table, OptionValues options, boolean caseSensitive) {
    options
        .columns()
        .forEach(
            (key, name) -> {
              OptionName option = new OptionName(key, true);
              ColumnPath found = ColumnPath.of(table, option, name, caseSensitive);
              if (!TextForm.fits(key, found.type())) {
                throw SchemaErrors.wrongType(option, name, found.type(), TextForm.expected(key));
              }
              texts.put(
                  key,
                  TextForm.isStrings(found.type())
                      ? functions.to_json(found.column())
                      : found.column().cast(DataTypes.StringType));
            });
  }

  /** A request's parameters; empty where no option has a column. */
  Optional<Column> parameters() {
    return texts.isEmpty() ? Optional.empty() : Optional.of(map(texts));
  }

  /**
   * The same below the parameters that requests have already, which are stronger in any spelling.
   *
   * @param own a map of strings, null where a request has none
   */
  Optional<Column> parametersBelow(Column own) {
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    Column set = functions.map_filter(own, (name, value) -> value.isNotNull());
    Column setNames = functions.transform(functions.map_keys(set), OptionColumns::fold);
    Map<OptionKey, Column> left = new LinkedHashMap<>();
    texts.forEach(
        (key, text) -> {
          left.put(
              key,
              functions.when(
                  functions.not(functions.arrays_overlap(setNames, spellings(key))), text));
        });
    Column weaker = functions.map_filter(map(left), (name, value) -> value.isNotNull());
    return Optional.of(
        functions.when(own.isNull(), map(texts)).otherwise(functions.map_concat(weaker, set)));
  }

  private static Column spellings(OptionKey key) {
    return functions.array(
        key.spellings().stream()
            .map(spelling -> fold(functions.lit(spelling)))
            .toArray(Column[]::new));
  }

  /** As {@link OptionName} takes two spellings for one name. */
  private static Column fold(Column name) {
    return functions.lower(functions.translate(name, "_-", ""));
  }

  private static Column map(Map<OptionKey, Column> values) {
    return functions.map(
        values.entrySet().stream()
            .flatMap(
                entry -> Stream.of(functions.lit(entry.getKey().optionName()), entry.getValue()))
            .toArray(Column[]::new));
  }
}

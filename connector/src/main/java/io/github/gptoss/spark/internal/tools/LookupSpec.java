package io.github.gptoss.spark.internal.tools;

import java.util.List;

/**
 * A table as a function.
 *
 * @param where the option's part that says it, for errors
 * @param table name of a table or view
 * @param keys columns that the arguments of a call have to equal, which are the arguments' names
 * @param columns what a call gives; empty for all but the keys
 */
record LookupSpec(String where, String table, List<String> keys, List<String> columns) {
  static LookupSpec of(Settings settings) {
    settings.allow("table", "key", "columns");
    String columns = "the name of a column, or a list of them";
    return new LookupSpec(
        settings.where(),
        settings.text("table", "the name of a table or view"),
        settings.texts("key", columns),
        settings.has("columns") ? settings.texts("columns", columns) : List.of());
  }
}

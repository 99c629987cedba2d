package io.github.gptoss.spark.internal.source;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads a table of prompts, by Spark's own reader of its format. */
final class InputTable {
  private InputTable() {}

  static Dataset<Row> read(SparkSession spark, SourceOptions options) {
    return options.table() != null
        ? spark.read().options(options.reader()).table(options.table())
        : PromptTables.load(
            spark,
            options.format(),
            options.reader(),
            options.path(),
            options.completion().get(OptionKey.MESSAGES_COL.optionName()));
  }
}

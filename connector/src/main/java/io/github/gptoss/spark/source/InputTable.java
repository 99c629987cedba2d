package io.github.gptoss.spark.source;

import io.github.gptoss.spark.conf.OptionKey;
import java.util.Map;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads a table of prompts, by Spark's own reader of its format. */
final class InputTable {
  /** Prompts have line breaks and quotes; quotes are doubled, as RFC 4180 has it. */
  private static final Map<String, String> CSV_DEFAULTS =
      Map.of("header", "true", "multiLine", "true", "escape", "\"");

  private InputTable() {}

  static Dataset<Row> read(SparkSession spark, SourceOptions options) {
    DataFrameReader reader = spark.read();
    if (options.table() != null) {
      return reader.options(options.reader()).table(options.table());
    }
    if (options.format().equalsIgnoreCase("csv")) {
      reader = reader.options(CSV_DEFAULTS);
    }
    reader = reader.format(options.format()).options(options.reader());
    String messages = options.completion().get(OptionKey.MESSAGES_COL.optionName());
    Dataset<Row> table = reader.load(options.path());
    return options.format().equalsIgnoreCase("json") && messages != null
        ? reader.schema(withText(table.schema(), messages)).load(options.path())
        : table;
  }

  /**
   * Conversations are read as the JSON that they are: a schema inferred over all of them would
   * merge the keys of one row's tools into every other's.
   */
  private static StructType withText(StructType inferred, String messages) {
    StructType schema = new StructType();
    for (StructField field : inferred.fields()) {
      schema =
          field.name().equalsIgnoreCase(messages)
              ? schema.add(field.name(), DataTypes.StringType)
              : schema.add(field);
    }
    return schema;
  }
}

package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads files that hold prompts, by Spark's own reader of their format. */
public final class PromptTables {
  /** What the names of the reader's options begin with among other options. */
  public static final String READER_PREFIX = "input.";

  /** The format of OpenAI's batch files. */
  public static final String OPENAI_BATCH = "openai-batch";

  /** Prompts have line breaks and quotes; quotes are doubled, as RFC 4180 has it. */
  private static final Map<String, String> CSV_DEFAULTS =
      Map.of("header", "true", "multiLine", "true", "escape", "\"");

  private PromptTables() {}

  /** Options of a table in this format: batch files hold requests, unless the options say else. */
  public static Map<String, String> withPromptSource(String format, Map<String, String> options) {
    Map<String, String> all = new LinkedHashMap<>(options);
    boolean isSaid =
        OptionValues.PROMPT_SOURCES.stream().anyMatch(key -> all.containsKey(key.optionName()));
    if (OPENAI_BATCH.equalsIgnoreCase(format) && !isSaid) {
      all.put(OptionKey.REQUEST_COL.optionName(), RequestSchema.DEFAULT_COLUMN);
    }
    return all;
  }

  /**
   * Reads a path.
   *
   * @param format as Spark names it; CSV has a header line, JSON is one object a line
   * @param readerOptions of Spark's reader; stronger than what CSV is read with otherwise
   * @param messagesCol column of conversations, which are read from JSON as the text that they are;
   *     null where there is none
   */
  public static Dataset<Row> load(
      SparkSession spark,
      String format,
      Map<String, String> readerOptions,
      String path,
      String messagesCol) {
    DataFrameReader reader = spark.read().format(format);
    if (format.equalsIgnoreCase("csv")) {
      reader = reader.options(CSV_DEFAULTS);
    }
    reader = reader.options(readerOptions);
    Dataset<Row> table = reader.load(path);
    return format.equalsIgnoreCase("json") && messagesCol != null
        ? reader.schema(withText(table.schema(), messagesCol)).load(path)
        : table;
  }

  /**
   * A schema inferred over all conversations would merge the keys of one row's tools into others'.
   */
  private static StructType withText(StructType inferred, String messagesCol) {
    StructType schema = new StructType();
    for (StructField field : inferred.fields()) {
      schema =
          field.name().equalsIgnoreCase(messagesCol)
              ? schema.add(field.name(), DataTypes.StringType)
              : schema.add(field);
    }
    return schema;
  }
}

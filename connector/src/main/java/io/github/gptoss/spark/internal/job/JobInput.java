package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.DataStreamReader;

/** Reads the job's table of prompts. */
final class JobInput {
  private static final String JSON = "json";
  private static final String CSV = "csv";
  private static final String MULTI_LINE = "multiLine";

  private static final List<String> SOURCES =
      List.of(JSON, CSV, "parquet", "delta", "orc", "avro", "xml", "text", "openai-batch", "jdbc");

  private JobInput() {}

  /**
   * What is counted of the job's input before it is completed.
   *
   * @param duplicates rows beyond one for each id; those without an id do not count
   */
  record Counts(long rows, long duplicates) {

    /**
     * Reads the table once: of Parquet and Delta no more than the column of ids, or only the
     * footers where there is none.
     *
     * @param id null if the table has none
     */
    static Counts of(Dataset<Row> table, IdColumn id) {
      if (id == null) {
        return new Counts(table.count(), 0);
      }
      Row counts =
          table
              .select(id.column().as("id"))
              .agg(
                  functions.count(functions.lit(1)),
                  functions.count("id"),
                  functions.count_distinct(functions.col("id")))
              .head();
      return new Counts(counts.getLong(0), counts.getLong(1) - counts.getLong(2));
    }
  }

  /**
   * Reads the table, lazily.
   *
   * @param say told what a caller may want to know of how it is read
   * @throws Exception one of ours where the cause is known, else Spark's
   */
  static Dataset<Row> read(
      SparkSession spark, JobSpec.Input input, OptionValues values, Consumer<String> say)
      throws Exception {
    Dataset<Row> table;
    try {
      table = table(spark, input, values, say);
    } catch (Exception e) {
      // AnalysisException is checked in Scala only, so it cannot be caught by its name here.
      throw explained(e, input);
    }
    List<String> columns = Arrays.asList(table.columns());
    if (columns.isEmpty()) {
      throw JobErrors.noColumns(input);
    }
    if (input.isFormat(JSON) && columns.equals(List.of(SparkConfs.corruptRecordColumn(spark)))) {
      throw JobErrors.notJson(input);
    }
    if (input.isFormat(CSV)) {
      checkHeader(input, columns, values);
    }
    return table;
  }

  /** Where there is no header, what looks like columns are prompts, which no error may quote. */
  private static void checkHeader(JobSpec.Input input, List<String> columns, OptionValues values) {
    boolean messages = values.isSet(OptionKey.MESSAGES_COL);
    String wanted = values.text(messages ? OptionKey.MESSAGES_COL : OptionKey.PROMPT_COL);
    if (!values.isSet(OptionKey.PROMPT_TEMPLATE)
        && columns.stream().noneMatch(wanted::equalsIgnoreCase)
        && NearestName.hint(wanted, columns).isEmpty()) {
      throw JobErrors.noHeader(input, wanted, columns.size());
    }
  }

  private static Exception explained(Exception failure, JobSpec.Input input) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String condition = at instanceof SparkThrowable known ? known.getCondition() : null;
      Exception explained = condition == null ? null : explained(condition, failure, input);
      if (explained != null) {
        return explained;
      }
    }
    return failure;
  }

  /** Null for conditions that Spark's own message explains. */
  private static Exception explained(String condition, Exception failure, JobSpec.Input input) {
    if (isOneOf(condition, "PATH_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST", "TABLE_OR_VIEW_NOT")) {
      return JobErrors.noInput(input);
    }
    if (isOneOf(condition, "DELTA_TABLE_NOT_FOUND", "DELTA_MISSING_DELTA_TABLE")) {
      return JobErrors.notFormat(input, "a Delta table");
    }
    if (isOneOf(condition, "UNABLE_TO_INFER_SCHEMA")) {
      return JobErrors.noColumns(input);
    }
    if (isOneOf(condition, "DATA_SOURCE_NOT_FOUND")) {
      return JobErrors.noSource(input.format(), NearestName.hint(input.format(), SOURCES), failure);
    }
    return isOneOf(condition, "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER")
            && input.isFormat("parquet")
        ? JobErrors.notFormat(input, "Parquet")
        : null;
  }

  /** Whether it is one of these conditions or a kind of them. */
  private static boolean isOneOf(String condition, String... conditions) {
    return Arrays.stream(conditions).anyMatch(condition::startsWith);
  }

  private static Dataset<Row> table(
      SparkSession spark, JobSpec.Input input, OptionValues values, Consumer<String> say) {
    if (input.table() != null) {
      return spark.read().options(input.reader()).table(input.quotedTable());
    }
    if (input.path() == null) {
      return spark.read().format(input.format()).options(input.reader()).load();
    }
    Map<String, String> reader = new LinkedHashMap<>(input.reader());
    if (input.isFormat(JSON)
        && reader.keySet().stream().noneMatch(MULTI_LINE::equalsIgnoreCase)
        && isArrayOverLines(spark, input)) {
      reader.put(MULTI_LINE, "true");
      say.accept("the input is a JSON array over several lines, read as input.multiLine=true does");
    }
    return PromptTables.load(
        spark, input.format(), reader, input.path(), values.text(OptionKey.MESSAGES_COL));
  }

  /** Whether the first line that is not blank begins an array that it does not end. */
  private static boolean isArrayOverLines(SparkSession spark, JobSpec.Input input) {
    String line = "value";
    List<Row> first =
        spark
            .read()
            .options(input.reader())
            .text(input.path())
            .where(functions.length(functions.trim(functions.col(line))).gt(0))
            .select(functions.col(line))
            .takeAsList(1);
    return !first.isEmpty() && isOpenArray(first.get(0).getString(0));
  }

  static boolean isOpenArray(String line) {
    if (!line.strip().startsWith("[")) {
      return false;
    }
    try (JsonParser json = new JsonFactory().createParser(line)) {
      JsonToken first = json.nextToken();
      json.skipChildren();
      return first != JsonToken.START_ARRAY || json.currentToken() != JsonToken.END_ARRAY;
    } catch (IOException e) {
      // It ends in the middle.
      return true;
    }
  }

  /** Whether the input is a Delta table, which can be read as a stream. */
  static boolean isDelta(SparkSession spark, JobSpec.Input input) {
    return input.table() == null
        ? input.isFormat(JobSpec.DELTA)
        : isDelta(spark, input.quotedTable());
  }

  /**
   * Whether a table or view of a catalog is a Delta table.
   *
   * @param table as SQL statements name it
   */
  static boolean isDelta(SparkSession spark, String table) {
    return spark.sql("DESCRIBE TABLE EXTENDED " + table).collectAsList().stream()
        .anyMatch(
            row ->
                "Provider".equals(row.getString(0))
                    && JobSpec.DELTA.equalsIgnoreCase(row.getString(1)));
  }

  /** The rows that the input gets. */
  static Dataset<Row> stream(DataStreamReader reader, JobSpec.Input input) {
    return input.table() == null
        ? reader.format(JobSpec.DELTA).load(input.path())
        : reader.table(input.quotedTable());
  }

  /** The versions of the input, which is a Delta table. */
  static DeltaHistory history(SparkSession spark, JobSpec.Input input) throws IOException {
    if (input.table() != null) {
      return new DeltaHistory(spark, input.quotedTable());
    }
    Path path = new Path(input.path());
    FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    return new DeltaHistory(spark, TableName.ofPath(files.makeQualified(path).toString()));
  }
}

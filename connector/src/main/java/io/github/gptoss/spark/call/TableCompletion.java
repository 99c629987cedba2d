package io.github.gptoss.spark.call;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionObserver;
import io.github.gptoss.spark.executor.CompletionStore;
import io.github.gptoss.spark.executor.PromptMeasure;
import io.github.gptoss.spark.executor.RowCompleter;
import io.github.gptoss.spark.executor.RowEscalator;
import io.github.gptoss.spark.schema.ColumnPath;
import io.github.gptoss.spark.schema.CompletionSchema;
import io.github.gptoss.spark.schema.PromptInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How tables of one schema are completed with one set of options: checked when it is made, lazy
 * when it is used.
 *
 * @param options checked
 * @param table columns of the tables
 * @param input where their prompts are
 */
public record TableCompletion(OptionValues options, StructType table, PromptInput input) {
  /** Holds the prompt between the table and the engine; no table has a column of this name. */
  private static final String INPUT_COLUMN = "__gptoss_input";

  private static final String JAVA8_TIMES = "spark.sql.datetime.java8API.enabled";

  /**
   * Checks all that can be wrong before any job.
   *
   * @param options by name, over the session's configuration
   * @throws io.github.gptoss.engine.error.GptOssException if an option, a column or the model is
   *     wrong
   */
  public static TableCompletion of(
      SparkSession spark, StructType table, Map<String, String> options) {
    return of(spark, table, CallOptions.checked(spark, options));
  }

  /**
   * The same for options that are checked, and whose model is pinned.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is wrong
   */
  public static TableCompletion of(SparkSession spark, StructType table, OptionValues checked) {
    PromptInput input =
        PromptInput.resolve(table, checked, SparkConfs.isCaseSensitive(spark))
            .orBrokenLine(table, SparkConfs.corruptRecordColumn(spark));
    return new TableCompletion(checked, table, input);
  }

  /** The column that is added. */
  public StructField completion() {
    return DataTypes.createStructField(
        options.text(OptionKey.OUTPUT_COL),
        CompletionSchema.completion(options.booleanValue(OptionKey.INCLUDE_TOKENS)),
        true);
  }

  /** The table's columns, then the completion. */
  public StructType schema() {
    return table.add(completion());
  }

  /**
   * All columns of the rows, then their completions; the rows over as many partitions as option
   * {@code repartition} says.
   */
  public Dataset<Row> complete(
      Dataset<Row> rows, CompletionObserver observer, CompletionStore.Factory stores) {
    return complete(spread(rows), table, List.of(functions.col("*")), observer, stores);
  }

  /** Over as many partitions as option {@code repartition} says; equal prompts go together. */
  public Dataset<Row> spread(Dataset<Row> rows) {
    int partitions = options.intValue(OptionKey.REPARTITION);
    if (partitions == 0) {
      return rows;
    }
    return options.booleanValue(OptionKey.DEDUPLICATE)
        ? rows.repartition(partitions, input.expression())
        : rows.repartition(partitions);
  }

  /** Some columns of the rows, whose names are unique, then their completions. */
  public Dataset<Row> complete(Dataset<Row> rows, StructType kept) {
    List<Column> columns = new ArrayList<>();
    for (String name : kept.fieldNames()) {
      columns.add(functions.col(ColumnPath.quoted(name)));
    }
    return complete(rows, kept, columns, CompletionObserver.NONE, CompletionStore.Factory.NONE);
  }

  private Dataset<Row> complete(
      Dataset<Row> rows,
      StructType kept,
      List<Column> columns,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    List<Column> selected = new ArrayList<>(columns);
    selected.add(input.expression().as(INPUT_COLUMN));
    StructType result = kept.add(completion());
    Dataset<Row> completed =
        withExactTimes(
            rows.sparkSession(),
            () ->
                rows.select(selected.toArray(new Column[0]))
                    .mapPartitions(
                        new RowCompleter(options, input.isMessages(), observer, stores),
                        Encoders.row(result)));
    return exactly(result, completed);
  }

  /** What {@link PromptMeasure} says of the rows; generates nothing. */
  public Dataset<Row> measure(Dataset<Row> rows) {
    return rows.select(input.expression().as(INPUT_COLUMN))
        .mapPartitions(
            new PromptMeasure(options, input.isMessages()), Encoders.row(PromptMeasure.SCHEMA));
  }

  /**
   * Completes rows again whose completion will not do; their effort column gets this call's.
   *
   * @param rows the table's columns, the completion and the effort that it was made with
   */
  public Dataset<Row> again(
      Dataset<Row> rows,
      RowEscalator.Gate gate,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    StructType result = rows.schema();
    Dataset<Row> completed =
        withExactTimes(
            rows.sparkSession(),
            () ->
                rows.select(functions.col("*"), input.expression().as(INPUT_COLUMN))
                    .mapPartitions(
                        new RowEscalator(options, input.isMessages(), gate, observer, stores),
                        Encoders.row(result)));
    return exactly(result, completed);
  }

  /**
   * Builds a plan whose function sees dates as LocalDate and Instant: through java.sql's types,
   * which keep another calendar, the days before 1582-10-15 would change. The setting is this
   * thread's alone, since others may build plans in the same session.
   */
  private static Dataset<Row> withExactTimes(SparkSession spark, Supplier<Dataset<Row>> plan) {
    SQLConf conf =
        ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().conf().clone();
    conf.setConfString(JAVA8_TIMES, "true");
    return SQLConf.withExistingConf(conf, plan::get);
  }

  /** External rows widen some types (INTERVAL DAY) and drop fields' metadata: puts both back. */
  private static Dataset<Row> exactly(StructType schema, Dataset<Row> table) {
    StructField[] actual = table.schema().fields();
    String[] numbers = new String[actual.length];
    Column[] columns = new Column[actual.length];
    for (int i = 0; i < actual.length; i++) {
      StructField field = schema.fields()[i];
      // Numbered, since names of columns may occur twice.
      numbers[i] = "c" + i;
      Column column = functions.col(numbers[i]);
      columns[i] =
          (actual[i].dataType().equals(field.dataType()) ? column : column.cast(field.dataType()))
              .as(field.name(), field.metadata());
    }
    return table.toDF(numbers).select(columns);
  }
}

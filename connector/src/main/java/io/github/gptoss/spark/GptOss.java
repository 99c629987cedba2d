package io.github.gptoss.spark;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionObserver;
import io.github.gptoss.spark.executor.CompletionStore;
import io.github.gptoss.spark.executor.HarmonyPromptRenderer;
import io.github.gptoss.spark.executor.RowCompleter;
import io.github.gptoss.spark.functions.LiveSession;
import io.github.gptoss.spark.model.ModelLocator;
import io.github.gptoss.spark.schema.CompletionSchema;
import io.github.gptoss.spark.schema.PromptInput;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Batch inference over tables.
 *
 * <pre>{@code
 * Dataset<Row> answers = GptOss.complete(spark.table("prompts"), GptOssOptions.create().model("demo"));
 * answers.write().format("delta").save("/tmp/answers");
 * }</pre>
 */
public final class GptOss {
  /** Holds the prompt between the table and the engine; no table has a column of this name. */
  private static final String INPUT_COLUMN = "__gptoss_input";

  private static final String JAVA8_TIMES = "spark.sql.datetime.java8API.enabled";

  private GptOss() {}

  /**
   * Adds a column {@code completion} (option {@code output_col}) to a table of prompts: a struct of
   * {@link #completionType()}. All columns of the table pass through; every row gets exactly one
   * completion, in the table's order unless option {@code repartition} is set. What is wrong with
   * one row (no prompt, a prompt beyond the context, a malformed conversation) is in that row's
   * {@code error_code} and {@code error_message} and stops nothing.
   *
   * <p>Lazy, as any transformation: nothing is generated before an action, and as often as the plan
   * is run. The model is loaded once per executor and shared by its tasks.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an option or a column is wrong
   * @throws io.github.gptoss.engine.error.InvalidModelException if the driver sees the model's
   *     folder, and its configuration or headers are wrong; as all of these before any job and
   *     before any model is loaded
   */
  public static Dataset<Row> complete(Dataset<Row> table, GptOssOptions options) {
    return complete(table, options, CompletionObserver.NONE, CompletionStore.Factory.NONE);
  }

  static Dataset<Row> complete(
      Dataset<Row> table,
      GptOssOptions options,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    SparkSession spark = table.sparkSession();
    OptionValues resolved = options.resolve(spark);
    StructType schema = table.schema();
    PromptInput input = PromptInput.resolve(schema, resolved, SparkConfs.isCaseSensitive(spark));
    OptionValues values = checkCall(resolved, spark);

    StructType result =
        schema.add(
            values.text(OptionKey.OUTPUT_COL),
            CompletionSchema.completion(values.booleanValue(OptionKey.INCLUDE_TOKENS)));
    Dataset<Row> completed =
        withExactTimes(
            spark,
            () ->
                spread(
                        table.select(functions.col("*"), input.expression().as(INPUT_COLUMN)),
                        values)
                    .mapPartitions(
                        new RowCompleter(values, input.isMessages(), observer, stores),
                        Encoders.row(result)));
    return exactly(result, completed);
  }

  /** Rows over as many partitions as option {@code repartition} says, equal prompts together. */
  private static Dataset<Row> spread(Dataset<Row> rows, OptionValues values) {
    int partitions = values.intValue(OptionKey.REPARTITION);
    if (partitions == 0) {
      return rows;
    }
    return values.booleanValue(OptionKey.DEDUPLICATE)
        ? rows.repartition(partitions, functions.col(INPUT_COLUMN))
        : rows.repartition(partitions);
  }

  /**
   * Builds a plan whose function sees dates as LocalDate and Instant: through java.sql's types,
   * which keep another calendar, the days before 1582-10-15 would change.
   */
  private static Dataset<Row> withExactTimes(SparkSession spark, Supplier<Dataset<Row>> plan) {
    String before = spark.conf().get(JAVA8_TIMES);
    spark.conf().set(JAVA8_TIMES, "true");
    try {
      return plan.get();
    } finally {
      spark.conf().set(JAVA8_TIMES, before);
    }
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

  /**
   * Gives a running session the SQL functions {@code gptoss_generate}, {@code gptoss_chat} and
   * {@code gptoss_text}, as {@link GptOssExtensions} does for one that is being built: where the
   * connector arrives after the session's start, as a library of a Databricks cluster does. Also
   * holds for sessions made from this one. Installing twice is installing once.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if this Spark keeps its rules where they
   *     cannot be reached
   */
  public static void install(SparkSession spark) {
    LiveSession.install(spark, GptOss::checkCall);
  }

  /**
   * Checks what needs neither a table nor a loaded model, before there is a session.
   *
   * @param conf Spark's configuration
   */
  static void checkCall(OptionValues values, Map<String, String> conf) {
    HarmonyPromptRenderer.check(values);
    if (ModelLocator.isInPlace(values)) {
      ModelPaths.check(values.engineConfig(), SparkConfs.isOneMachine(conf));
    }
  }

  /**
   * Checks what needs neither a table nor a loaded model.
   *
   * @return what executors are to be given: the options with the model's version pinned
   */
  static OptionValues checkCall(OptionValues values, SparkSession spark) {
    Map<String, String> conf = SparkConfs.of(spark);
    checkCall(values, conf);
    return ModelLocator.pin(values, SparkConfs.isOneMachine(conf), () -> SparkConfs.hadoop(spark));
  }

  /** The type of a completion, for instance for {@code GptOssUdf}'s registration. */
  public static StructType completionType() {
    return CompletionSchema.completion(false);
  }
}

package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.LiveSession;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
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
   * <p>Throws an {@link org.apache.spark.sql.AnalysisException} if an option or a column is wrong,
   * or if the driver sees the model's folder, and its configuration or headers are wrong; before
   * any job and before any model is loaded. Its condition begins with {@code GPTOSS_}. As Spark's
   * own methods, this one does not declare it.
   */
  public static Dataset<Row> complete(Dataset<Row> table, GptOssOptions options) {
    SparkSession spark = table.sparkSession();
    return SparkFaults.analysed(
        () ->
            TableCompletion.of(spark, table.schema(), ResolvedCall.of(spark, options.toMap()))
                .complete(table));
  }

  /**
   * Gives a running session the SQL functions {@code gptoss_generate}, {@code gptoss_chat}, {@code
   * gptoss_text} and those of {@link GptOssFunctions}, as {@link GptOssExtensions} does for one
   * that is being built: where the connector arrives after the session's start, as a library of a
   * Databricks cluster does. Also holds for sessions made from this one. Installing twice is
   * installing once.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if this Spark keeps its rules where they
   *     cannot be reached
   */
  public static void install(SparkSession spark) {
    LiveSession.install(spark);
  }

  /**
   * The type of a completion without options, for instance for {@code GptOssUdf}'s registration.
   */
  public static StructType completionType() {
    return CompletionSchema.completion(false);
  }

  /**
   * The type of a completion with options, which decide whether there are token ids and which type
   * {@code parsed} has.
   *
   * <p>Throws an {@link org.apache.spark.sql.AnalysisException} if an option is wrong.
   */
  public static StructType completionType(GptOssOptions options) {
    return SparkFaults.analysed(
        () ->
            CompletionType.of(
                    ResolvedCall.resolve(options.toMap(), SparkConfs.of(SparkSession.active())))
                .struct());
  }
}

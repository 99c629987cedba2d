package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import io.github.gptoss.spark.internal.prompts.HarmonyPromptRenderer;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Completes rows whose answer will not do again, effort by effort up to the highest. Each further
 * effort is a call of its own behind the one before, for the rows that have not passed; the others
 * go through it without waiting for the engine.
 *
 * @param table columns of the rows before they are completed
 */
record Escalation(
    ResolvedCall call, JobCounters counters, StructType table, CompletionStore.Factory journal) {
  private static final List<String> EFFORTS = List.of("low", "medium", "high");
  private static final String PASSES = "__gptoss_passes";
  private static final String AGAIN = "__gptoss_again";

  /** The column that holds the effort which a row's completion was made with. */
  static String column(OptionValues values) {
    return values.text(OptionKey.OUTPUT_COL) + "_effort";
  }

  /** The effort to begin with; what a conversation says of its own counts as the default. */
  static String first(OptionValues values) {
    return values.reasoningEffort() == null ? "medium" : values.reasoningEffort();
  }

  /**
   * The rows with the column of efforts, and the last completion that was made of each.
   *
   * @param effort that all of them were completed with
   */
  Dataset<Row> of(Dataset<Row> completed, String effort) {
    Dataset<Row> rows = completed.withColumn(column(call.options()), text(effort));
    for (String next : EFFORTS.subList(EFFORTS.indexOf(effort) + 1, EFFORTS.size())) {
      rows = again(rows, next);
    }
    return rows;
  }

  private Dataset<Row> again(Dataset<Row> rows, String effort) {
    String completionName = call.options().text(OptionKey.OUTPUT_COL);
    String effortName = column(call.options());
    Column completion = functions.col(ColumnPath.quoted(completionName));
    Column passes = functions.col(PASSES);
    Dataset<Row> completed =
        TableCompletion.of(
                rows.sparkSession(), table, call.with(OptionKey.REASONING_EFFORT, effort))
            .generate(
                rows.withColumn(PASSES, gate().apply(completion)),
                functions.not(passes),
                AGAIN,
                counters,
                journal);
    return completed
        .withColumn(
            completionName, functions.when(passes, completion).otherwise(functions.col(AGAIN)))
        .withColumn(
            effortName,
            functions
                .when(passes, functions.col(ColumnPath.quoted(effortName)))
                .otherwise(text(effort)))
        .drop(PASSES, AGAIN);
  }

  /** It counts what does not pass, so Spark may neither call it twice for a row nor move it. */
  private UserDefinedFunction gate() {
    AnswerGate gate = new AnswerGate(HarmonyPromptRenderer.hasForm(call.options()), counters);
    return functions.udf(gate, DataTypes.BooleanType).asNondeterministic();
  }

  private static Column text(String text) {
    return functions.lit(text).cast(DataTypes.StringType);
  }
}

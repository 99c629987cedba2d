package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import io.github.gptoss.spark.internal.prompts.PromptInput;
import io.github.gptoss.spark.internal.prompts.RowEffort;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Completes rows whose answer will not do again, effort by effort from the one above the row's own
 * up to the highest. Each further effort is a call of its own behind the one before, for the rows
 * of a lower effort that have not passed; the others go through it without waiting for the engine.
 *
 * @param completion how the rows were completed first
 */
record Escalation(
    TableCompletion completion, JobCounters counters, CompletionStore.Factory journal) {
  private static final String SETTLED = "__gptoss_settled";
  private static final String AGAIN = "__gptoss_again";

  /** The column that holds the effort which a row's completion was made with. */
  static String column(OptionValues values) {
    return values.text(OptionKey.OUTPUT_COL) + "_effort";
  }

  private OptionValues values() {
    return completion.call().options();
  }

  /** The rows with the column of efforts, and the last completion that was made of each. */
  Dataset<Row> of(Dataset<Row> completed) {
    PromptInput input = completion.input();
    UserDefinedFunction effort =
        functions.udf(new RowEffort(values(), input.isMessages()), DataTypes.StringType);
    Dataset<Row> rows = completed.withColumn(column(values()), effort.apply(input.request()));
    String lowest = RowEffort.lowest(values(), input.isMessages());
    for (int next = RowEffort.ALL.indexOf(lowest) + 1; next < RowEffort.ALL.size(); next++) {
      rows = again(rows, RowEffort.ALL.subList(0, next), RowEffort.ALL.get(next));
    }
    return rows;
  }

  private Dataset<Row> again(Dataset<Row> rows, List<String> lower, String effort) {
    String completionName = values().text(OptionKey.OUTPUT_COL);
    String effortName = column(values());
    Column made = functions.col(ColumnPath.quoted(completionName));
    Column madeWith = functions.col(ColumnPath.quoted(effortName));
    Column settled = functions.col(SETTLED);
    Dataset<Row> completed =
        TableCompletion.of(
                rows.sparkSession(),
                completion.table(),
                completion.call().with(OptionKey.REASONING_EFFORT, effort))
            .forAll(OptionKey.REASONING_EFFORT)
            .generate(
                rows.withColumn(
                    SETTLED,
                    functions
                        .when(madeWith.isin(lower.toArray()), gate().apply(made))
                        .otherwise(true)),
                functions.not(settled),
                AGAIN,
                counters,
                journal);
    return completed
        .withColumn(completionName, functions.when(settled, made).otherwise(functions.col(AGAIN)))
        .withColumn(
            effortName,
            functions
                .when(settled, madeWith)
                .otherwise(functions.lit(effort).cast(DataTypes.StringType)))
        .drop(SETTLED, AGAIN);
  }

  /** It counts what does not pass, so Spark may neither call it twice for a row nor move it. */
  private UserDefinedFunction gate() {
    AnswerGate gate = new AnswerGate(counters);
    return functions.udf(gate, DataTypes.BooleanType).asNondeterministic();
  }
}

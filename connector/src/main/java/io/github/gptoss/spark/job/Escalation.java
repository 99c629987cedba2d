package io.github.gptoss.spark.job;

import io.github.gptoss.spark.call.TableCompletion;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionStore;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Completes rows whose answer will not do again, effort by effort up to the highest. */
final class Escalation {
  private static final List<String> EFFORTS = List.of("low", "medium", "high");

  private final OptionValues values;
  private final JobCounters counters;
  private final CompletionStore.Factory journal;

  /**
   * @param values checked, with the model's version pinned
   */
  Escalation(OptionValues values, JobCounters counters, CompletionStore.Factory journal) {
    this.values = values;
    this.counters = counters;
    this.journal = journal;
  }

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
    StructField[] fields = completed.schema().fields();
    StructType table = new StructType(Arrays.copyOf(fields, fields.length - 1));
    AnswerGate gate = new AnswerGate(values.text(OptionKey.RESPONSE_FORMAT), counters);
    Dataset<Row> rows = completed.withColumn(column(values), functions.lit(effort).cast("string"));
    for (String next : EFFORTS.subList(EFFORTS.indexOf(effort) + 1, EFFORTS.size())) {
      rows =
          TableCompletion.of(
                  rows.sparkSession(), table, values.with(OptionKey.REASONING_EFFORT, next))
              .again(rows, gate, counters, journal);
    }
    return rows;
  }
}

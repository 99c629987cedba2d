package io.github.gptoss.spark.internal.job;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * The rows of the input whose prompt is no longer the one that their row of the output answers,
 * told by ids that both tables have once. Rows without an id, and of ids that repeat, tell nothing
 * of which row became which.
 */
final class ChangedRows {
  private static final String ID = "__gptoss_id";
  private static final String PROMPT = "__gptoss_prompt";
  private static final String ROWS = "__gptoss_rows";

  private ChangedRows() {}

  /**
   * @param asks the prompt's hash, over the input
   * @param asked the same over the output
   */
  static Dataset<Row> of(
      Dataset<Row> input, Column asks, Dataset<Row> output, Column asked, IdColumn id) {
    Dataset<Row> now = prompts(input, asks, id);
    Dataset<Row> then = prompts(output, asked, id);
    Dataset<Row> changed =
        now.join(then, now.col(ID).equalTo(then.col(ID)))
            .where(functions.not(now.col(PROMPT).eqNullSafe(then.col(PROMPT))))
            .select(now.col(ID));
    Dataset<Row> identified = input.withColumn(ID, id.column());
    return identified
        .join(changed, identified.col(ID).equalTo(changed.col(ID)), "left_semi")
        .drop(ID);
  }

  /** The prompts of ids that occur once. */
  private static Dataset<Row> prompts(Dataset<Row> table, Column prompt, IdColumn id) {
    return table
        .groupBy(id.column().as(ID))
        .agg(functions.first(prompt).as(PROMPT), functions.count(functions.lit(1)).as(ROWS))
        .where(functions.col(ROWS).equalTo(1).and(functions.col(ID).isNotNull()));
  }

  /** How many rows of the output have an id that the input no longer has. */
  static long gone(Dataset<Row> input, Dataset<Row> output, IdColumn id) {
    Dataset<Row> there = input.select(id.column().as(ID)).distinct();
    Dataset<Row> done = output.select(id.column().as(ID));
    return done.join(there, done.col(ID).eqNullSafe(there.col(ID)), "left_anti").count();
  }
}

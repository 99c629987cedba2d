package io.github.gptoss.spark.internal.job;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;

/** Compares the rows of the input with those of the output, told by their ids. */
record TableDiff(Dataset<Row> input, Dataset<Row> output, IdColumn id) {
  private static final String ID = "__gptoss_id";
  private static final String DONE = "__gptoss_done";
  private static final String NUMBER = "__gptoss_number";
  private static final String PROMPT = "__gptoss_prompt";

  /**
   * The rows of the input that the output lacks: those whose id it does not have, and of an id that
   * the input has more often than the output, as many rows as are missing. A row without an id is
   * compared like one whose id is null.
   */
  Dataset<Row> pending() {
    Dataset<Row> done = counted(output, DONE);
    Dataset<Row> identified = input.withColumn(ID, id.column());
    if (isOftener(counted(input, NUMBER), done)) {
      return missing(identified, done);
    }
    return identified.join(done, identified.col(ID).eqNullSafe(done.col(ID)), "left_anti").drop(ID);
  }

  /** How many rows of the input have an id that the output has. */
  long shared() {
    Dataset<Row> wanted = input.select(id.column().as(ID));
    Dataset<Row> there = output.select(id.column().as(ID)).distinct();
    return wanted.join(there, wanted.col(ID).eqNullSafe(there.col(ID)), "left_semi").count();
  }

  private Dataset<Row> counted(Dataset<Row> table, String count) {
    return table.groupBy(id.column().as(ID)).agg(functions.count(functions.lit(1)).as(count));
  }

  /** Whether the input has an id that the output has, and has it more often. */
  private static boolean isOftener(Dataset<Row> wanted, Dataset<Row> done) {
    return !wanted
        .join(done, wanted.col(ID).eqNullSafe(done.col(ID)))
        .where(wanted.col(NUMBER).gt(done.col(DONE)))
        .isEmpty();
  }

  private static Dataset<Row> missing(Dataset<Row> identified, Dataset<Row> done) {
    Dataset<Row> numbered =
        identified
            .withColumn(NUMBER, functions.monotonically_increasing_id())
            .withColumn(
                NUMBER,
                functions.row_number().over(Window.partitionBy(functions.col(ID)).orderBy(NUMBER)));
    return numbered
        .join(done, numbered.col(ID).eqNullSafe(done.col(ID)), "left")
        .where(numbered.col(NUMBER).gt(functions.coalesce(done.col(DONE), functions.lit(0L))))
        .drop(done.col(ID))
        .drop(DONE, NUMBER, ID);
  }

  /**
   * The rows of the input whose prompt is no longer the one that their row of the output answers,
   * told by ids that both tables have once. Rows without an id, and of ids that repeat, tell
   * nothing of which row became which.
   *
   * @param asks the prompt's hash, over the input
   * @param asked the same over the output
   */
  Dataset<Row> changed(Column asks, Column asked) {
    Dataset<Row> now = prompts(input, asks);
    Dataset<Row> then = prompts(output, asked);
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
  private Dataset<Row> prompts(Dataset<Row> table, Column prompt) {
    return table
        .groupBy(id.column().as(ID))
        .agg(functions.first(prompt).as(PROMPT), functions.count(functions.lit(1)).as(NUMBER))
        .where(functions.col(NUMBER).equalTo(1).and(functions.col(ID).isNotNull()));
  }

  /** How many rows of the output have an id that the input no longer has. */
  long gone() {
    Dataset<Row> there = input.select(id.column().as(ID)).distinct();
    Dataset<Row> done = output.select(id.column().as(ID));
    return done.join(there, done.col(ID).eqNullSafe(there.col(ID)), "left_anti").count();
  }
}

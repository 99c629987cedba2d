package io.github.gptoss.spark.internal.job;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;

/**
 * The rows of the input that the output lacks, told by their ids: those whose id it does not have,
 * and of an id that the input has more often than the output, as many rows as are missing. A row
 * without an id is compared like one whose id is null.
 */
final class PendingRows {
  private static final String ID = "__gptoss_id";
  private static final String DONE = "__gptoss_done";
  private static final String NUMBER = "__gptoss_number";

  private PendingRows() {}

  static Dataset<Row> of(Dataset<Row> input, Dataset<Row> output, IdColumn id) {
    Dataset<Row> done = counted(output, id.column(), DONE);
    Dataset<Row> identified = input.withColumn(ID, id.column());
    if (isOftener(counted(input, id.column(), NUMBER), done)) {
      return missing(identified, done);
    }
    return identified.join(done, identified.col(ID).eqNullSafe(done.col(ID)), "left_anti").drop(ID);
  }

  private static Dataset<Row> counted(Dataset<Row> table, Column id, String count) {
    return table.groupBy(id.as(ID)).agg(functions.count(functions.lit(1)).as(count));
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
}

package io.github.gptoss.spark.internal.job;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What is counted of the job's input before it is completed.
 *
 * @param duplicates rows beyond one for each id; those without an id do not count
 */
record JobCounts(long rows, long duplicates) {

  /**
   * Reads the table once: of Parquet and Delta no more than the column of ids, or only the footers
   * where there is none.
   *
   * @param id null if the table has none
   */
  static JobCounts of(Dataset<Row> table, IdColumn id) {
    if (id == null) {
      return new JobCounts(table.count(), 0);
    }
    Row counts =
        table
            .select(id.column().as("id"))
            .agg(
                functions.count(functions.lit(1)),
                functions.count("id"),
                functions.count_distinct(functions.col("id")))
            .head();
    return new JobCounts(counts.getLong(0), counts.getLong(1) - counts.getLong(2));
  }
}

package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.GptOssExtensions;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A driver of its own, since local-cluster needs environment variables: two executors that share
 * one budget, without the plugin. Prints the tokens of the rows that were done, by partition.
 */
public final class BudgetCluster {
  private BudgetCluster() {}

  /**
   * @param args class path of executors, token budget
   */
  @SuppressWarnings("SystemOut") // what the test reads
  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", args[0])
            .config("spark.executor.extraJavaOptions", "--add-modules=jdk.incubator.vector")
            .config("spark.sql.extensions", GptOssExtensions.class.getName())
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    try {
      List<Row> parts =
          spark
              .sql(
                  "SELECT part, count(c), count(c.error_code), sum(c.usage.total_tokens) FROM"
                      + " (SELECT spark_partition_id() AS part, gptoss_generate(concat('Say ', id),"
                      + " model => 'demo', max_tokens => 6, token_budget => "
                      + args[1]
                      + ") AS c FROM range(0, 80, 1, 2)) GROUP BY part")
              .collectAsList();
      for (Row part : parts) {
        System.out.printf(
            "PART %d rows %d left %d tokens %d%n",
            part.getInt(0), part.getLong(1), part.getLong(2), part.getLong(3));
      }
    } finally {
      spark.stop();
    }
  }
}

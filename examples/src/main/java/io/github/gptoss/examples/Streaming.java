package io.github.gptoss.examples;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Completes what a Delta table has got since the last time, and ends: run it from a scheduler, or
 * with a trigger of some seconds to keep it going. GptOssJob does this too, with a journal and a
 * report.
 */
public final class Streaming {
  private Streaming() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      System.err.println("usage: Streaming INPUT_TABLE OUTPUT_TABLE MODEL|demo");
      System.exit(2);
    }
    SparkSession spark = SparkSession.builder().getOrCreate();
    try {
      run(spark, args[0], args[1], args[2]);
    } finally {
      spark.stop();
    }
  }

  /** Both tables are paths; the input's has a column {@code prompt}. */
  public static void run(SparkSession spark, String input, String output, String model)
      throws TimeoutException, StreamingQueryException {
    Dataset<Row> prompts = spark.readStream().format("delta").load(input);
    GptOssOptions options =
        GptOssOptions.create().model(model).reasoningEffort("low").maxTokens(100);
    GptOss.complete(prompts, options)
        .writeStream()
        .format("delta")
        .option("checkpointLocation", output + "/_checkpoint")
        .trigger(Trigger.AvailableNow())
        .start(output)
        .awaitTermination();
  }
}

package io.github.gptoss.examples;

import static org.apache.spark.sql.functions.expr;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Which reasoning effort is right how often against a gold column, and what it costs. */
public final class Evaluation {
  private Evaluation() {}

  public static void main(String[] args) {
    Examples.show(args, Evaluation::run);
  }

  /** A row for each {@code effort}: the share that {@code is_right}, and {@code tokens} a row. */
  public static Dataset<Row> run(SparkSession spark, String model) {
    Dataset<Row> questions =
        spark.sql(
            """
            SELECT * FROM VALUES
              ('How much is 10 - 3?', '7'),
              ('What is 12 plus 8?', '20'),
              ('What is the capital of Mexico?', 'Mexico City'),
              ('Capital of Peru?', 'Lima') AS t(prompt, gold)
            """);
    return graded(questions, model, "low").union(graded(questions, model, "high"));
  }

  private static Dataset<Row> graded(Dataset<Row> questions, String model, String effort) {
    GptOssOptions options =
        GptOssOptions.create().model(model).reasoningEffort(effort).maxTokens(100);
    return GptOss.complete(questions, options)
        .agg(
            expr("'" + effort + "' AS effort"),
            expr("avg(if(completion.response = gold, 1, 0)) AS is_right"),
            expr("avg(completion.usage.output_tokens) AS tokens"),
            expr("count(completion.error_code) AS errors"));
  }
}

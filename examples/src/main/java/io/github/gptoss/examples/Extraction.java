package io.github.gptoss.examples;

import static org.apache.spark.sql.functions.expr;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Takes facts out of text: a function's parameters are a form that the model fills in. Nothing runs
 * the function; its arguments are what is wanted.
 */
public final class Extraction {
  private Extraction() {}

  public static void main(String[] args) {
    Examples.show(args, Extraction::run);
  }

  /** The messages with the {@code city} that each is about. */
  public static Dataset<Row> run(SparkSession spark, String model) {
    Dataset<Row> messages =
        spark.sql(
            """
            SELECT * FROM VALUES
              (1, 'Is it sunny in Rome?'),
              (2, 'Weather in Tokyo?'),
              (3, 'How is the weather in Houston today?') AS t(id, body)
            """);
    GptOssOptions options =
        GptOssOptions.create()
            .model(model)
            .promptCol("body")
            .tools(FunctionCalling.WEATHER)
            .reasoningEffort("low")
            .maxTokens(100);
    return GptOss.complete(messages, options)
        .withColumn("arguments", expr("completion.tool_calls[0].arguments"))
        .selectExpr("id", "body", "from_json(arguments, 'location STRING').location AS city");
  }
}

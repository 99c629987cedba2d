package io.github.gptoss.examples;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A function call there and back: the model asks, a table has the answer, the model says it. */
public final class FunctionCalling {
  static final String WEATHER =
      """
      [{"type": "function", "function": {
        "name": "get_weather",
        "description": "Gets the current weather for a city.",
        "parameters": {
          "type": "object",
          "properties": {"location": {"type": "string", "description": "The city"}},
          "required": ["location"]}}}]
      """;

  private FunctionCalling() {}

  public static void main(String[] args) {
    Examples.show(args, FunctionCalling::run);
  }

  /** The questions with their {@code response}. */
  public static Dataset<Row> run(SparkSession spark, String model) {
    Dataset<Row> questions =
        spark.sql(
            """
            SELECT * FROM VALUES
              (1, 'Is it sunny in Munich?'),
              (2, 'Weather in Prague?') AS t(id, question)
            """);
    spark
        .sql(
            """
            SELECT * FROM VALUES ('Munich', 10, 'rainy'), ('Prague', 0, 'windy')
              AS t(location, temperature, condition)
            """)
        .createOrReplaceTempView("weather_reports");
    GptOssOptions options =
        GptOssOptions.create()
            .model(model)
            .promptCol("question")
            .tools(WEATHER)
            .toolLookup(
                "{\"get_weather\": {\"table\": \"weather_reports\", \"key\": \"location\"}}")
            .reasoningEffort("low")
            .maxTokens(100);
    return GptOss.complete(questions, options)
        .selectExpr(
            "id",
            "question",
            "completion.tool_calls[0].result",
            "completion.response",
            "completion.error_message");
  }
}

package io.github.gptoss.examples;

import static org.apache.spark.sql.functions.expr;

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

  /** The question, the call and what it gave, as messages; nulls stay out of the JSON. */
  private static final String MESSAGES =
      """
      to_json(array(
        named_struct('role', 'user', 'content', question, 'tool_calls', NULL, 'tool_call_id', NULL),
        named_struct('role', 'assistant', 'content', NULL, 'tool_calls', array(named_struct(
          'id', call.id, 'type', 'function', 'function',
          named_struct('name', call.name, 'arguments', call.arguments))), 'tool_call_id', NULL),
        named_struct('role', 'tool', 'content', result, 'tool_calls', NULL, 'tool_call_id', call.id)))
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
    Dataset<Row> weather =
        spark.sql(
            """
            SELECT * FROM VALUES
              ('Munich', '{"temperature": 10, "condition": "rainy"}'),
              ('Prague', '{"temperature": 0, "condition": "windy"}') AS t(location, result)
            """);
    GptOssOptions options =
        GptOssOptions.create().model(model).tools(WEATHER).reasoningEffort("low").maxTokens(100);

    Dataset<Row> calls =
        GptOss.complete(questions, options.promptCol("question"))
            .withColumn("call", expr("completion.tool_calls[0]"))
            .withColumn("location", expr("from_json(call.arguments, 'location STRING').location"))
            .drop("completion");
    Dataset<Row> conversations =
        calls.join(weather, "location").withColumn("messages", expr(MESSAGES));
    return GptOss.complete(conversations, options.messagesCol("messages"))
        .selectExpr("id", "question", "completion.response", "completion.error_message");
  }
}

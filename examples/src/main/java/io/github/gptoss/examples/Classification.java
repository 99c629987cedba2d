package io.github.gptoss.examples;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Routes support tickets: answers that fit a schema, as typed columns. */
public final class Classification {
  /** The form of an answer, as OpenAI's {@code response_format} has it. */
  static final String TICKET =
      """
      {"type": "json_schema", "json_schema": {"name": "ticket", "schema": {
        "type": "object",
        "properties": {
          "category": {"type": "string", "enum": ["billing", "shipping", "account", "technical", "refund"]},
          "urgency": {"type": "string", "enum": ["low", "normal", "high"]}},
        "required": ["category", "urgency"]}}}
      """;

  private Classification() {}

  public static void main(String[] args) {
    Examples.show(args, Classification::run);
  }

  /** The tickets with their {@code category} and {@code urgency}, null where there is none. */
  public static Dataset<Row> run(SparkSession spark, String model) {
    Dataset<Row> tickets =
        spark.sql(
            """
            SELECT * FROM VALUES
              (1, 'I forgot my password? Fix this immediately.'),
              (2, 'Why was my card charged 7 dollars. I need this today.'),
              (3, 'The courier left order 7432 at the wrong address. No rush.'),
              (4, CAST(NULL AS STRING)) AS t(id, body)
            """);
    GptOssOptions options =
        GptOssOptions.create()
            .model(model)
            .promptCol("body")
            .developerPrompt("Route the support ticket.")
            .responseFormat(TICKET)
            .reasoningEffort("low")
            .maxTokens(100);
    return GptOss.complete(tickets, options)
        .selectExpr("id", "body", "completion.parsed.*", "completion.error_code");
  }
}

package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guaranteed forms of answers, by every road on which they are asked for. */
class StructuredOutputsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SCHEMA =
      "{\"type\": \"object\", \"properties\": {\"category\": {\"enum\": [\"billing\", \"other\"]},"
          + " \"urgency\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 5}}, \"required\":"
          + " [\"category\", \"urgency\"], \"additionalProperties\": false}";

  private static final String FORMAT =
      "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"ticket\", \"schema\": "
          + SCHEMA
          + "}}";

  private static final String CHOICE = "{\"choice\": [\"yes\", \"no\", \"maybe\"]}";

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    spark
        .createDataset(
            List.of("I was charged twice.", "Where is my parcel?", "Hello"), Encoders.STRING())
        .toDF("prompt")
        .createOrReplaceTempView("tickets");
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static GptOssOptions hot() {
    return Sessions.demo().temperature(1.5).maxTokens(300).maxReasoningTokens(16);
  }

  private static void assertTickets(Dataset<Row> completions) throws Exception {
    List<Row> rows = completions.select("completion.*").collectAsList();
    assertThat(rows).isNotEmpty();
    for (Row row : rows) {
      assertThat(row.<String>getAs("error_message")).isNull();
      assertThat(row.<String>getAs("finish_reason")).isEqualTo("stop");
      JsonNode ticket = JSON.readTree(row.<String>getAs("parsed"));
      assertThat(row.<String>getAs("response")).isEqualTo(row.<String>getAs("parsed"));
      assertThat(ticket.get("category").asText()).isIn("billing", "other");
      assertThat(ticket.get("urgency").asInt()).isBetween(1, 5);
      assertThat(ticket.size()).isEqualTo(2);
    }
  }

  @Test
  void theSqlFunctionAndTheProgramAndTheTableKeepTheForm() throws Exception {
    assertTickets(
        spark.sql(
            "SELECT gptoss_generate(prompt, model => 'demo', temperature => 1.5, max_tokens => 300,"
                + " max_reasoning_tokens => 16, response_format => '"
                + FORMAT
                + "') AS completion FROM tickets"));
    assertTickets(GptOss.complete(spark.table("tickets"), hot().responseFormat(FORMAT)));
    Path input = folder.resolve("tickets");
    spark.table("tickets").write().json(input.toString());
    assertTickets(
        spark
            .read()
            .format("gptoss")
            .option("model", "demo")
            .option("temperature", "1.5")
            .option("max_tokens", "300")
            .option("max_reasoning_tokens", "16")
            .option("response_format", FORMAT)
            .option("input_format", "json")
            .load(input.toString()));
  }

  @Test
  void aColumnGivesEachRowItsForm() {
    Dataset<Row> rows =
        spark.sql(
            "SELECT * FROM VALUES (1, 'Is it late?', '"
                + CHOICE
                + "'), (2, 'Which code?', '{\"regex\": \"[A-Z]{3}[0-9]{2}\"}'), (3, 'What?', NULL),"
                + " (4, 'What?', '{\"json\": {\"not\": {}}}'), (5, 'What?', 'no json')"
                + " AS t(id, prompt, form)");
    List<Row> answers =
        GptOss.complete(rows, hot().set("structured_outputs_col", "form"))
            .selectExpr("id", "completion.response", "completion.error_code")
            .orderBy("id")
            .collectAsList();
    assertThat(answers.get(0).getString(1)).isIn("yes", "no", "maybe");
    assertThat(answers.get(1).getString(1)).matches("[A-Z]{3}[0-9]{2}");
    assertThat(answers.get(2).isNullAt(2)).isTrue();
    assertThat(answers.get(3).getString(2)).isEqualTo("unsupported_schema");
    assertThat(answers.get(4).getString(2)).isEqualTo("invalid_parameter");
  }

  @Test
  void aBatchFileGivesEachRequestItsForm() throws Exception {
    Path file = folder.resolve("batch.jsonl");
    String body =
        "{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"%s\", \"body\": {%s,"
            + " \"temperature\": 1.5, \"max_reasoning_tokens\": 16}}\n";
    String messages = "\"messages\": [{\"role\": \"user\", \"content\": \"Late?\"}]";
    Files.writeString(
        file,
        body.formatted(
                "chat", "/v1/chat/completions", messages + ", \"response_format\": " + FORMAT)
            + body.formatted(
                "responses",
                "/v1/responses",
                "\"input\": \"Late?\", \"text\": {\"format\": {\"type\": \"json_schema\", \"name\":"
                    + " \"ticket\", \"schema\": "
                    + SCHEMA
                    + "}}")
            + body.formatted(
                "choice", "/v1/chat/completions", messages + ", \"structured_outputs\": " + CHOICE)
            + body.formatted(
                "stop",
                "/v1/chat/completions",
                messages + ", \"stop\": \"x\", \"structured_outputs\": " + CHOICE));
    Dataset<Row> answers =
        spark
            .read()
            .format("gptoss")
            .option("model", "demo")
            .option("input_format", "openai-batch")
            .load(file.toString());
    assertTickets(answers.where("custom_id IN ('chat', 'responses')"));
    assertThat(
            answers.where("custom_id = 'choice'").select("completion.response").head().getString(0))
        .isIn("yes", "no", "maybe");
    assertThat(
            answers.where("custom_id = 'stop'").select("completion.error_code").head().getString(0))
        .isEqualTo("invalid_request");
  }

  @Test
  void aFormThatCannotBeGuaranteedIsRefusedBeforeAnyRow() {
    for (String form :
        Set.of(
            "response_format => '{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\","
                + " \"schema\": {\"contains\": {}}}}'",
            "structured_outputs => '{\"json\": {\"contains\": {}}}'")) {
      assertThatExceptionOfType(AnalysisException.class)
          .isThrownBy(
              () ->
                  spark.sql(
                      "SELECT gptoss_generate(prompt, model => 'demo', "
                          + form
                          + ") AS completion FROM tickets"))
          .withMessageContaining("contains")
          .withMessageContaining("unsupported_schema");
    }
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                GptOss.complete(
                    spark.table("tickets"), hot().responseFormat(FORMAT).stop(List.of("x"))))
        .withMessageContaining("stop");
  }
}

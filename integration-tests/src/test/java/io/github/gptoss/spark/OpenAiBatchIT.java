package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.internal.engine.Engines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenAiBatchIT {
  private static final Path EXAMPLE = Sessions.ROOT.resolve("examples/data/openai-batch.jsonl");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static Dataset<Row> answers(Path path) {
    return spark
        .read()
        .format("gptoss")
        .option("model", "demo")
        .option("input_format", "openai-batch")
        .load(path.toString());
  }

  /** Lines of an output's answers or errors by custom_id; those without one by their line. */
  private static Map<String, JsonNode> lines(Path output, String prefix) throws IOException {
    Map<String, JsonNode> lines = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(output).sorted()) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(prefix)) {
          assertThat(file.toString()).endsWith(".jsonl");
          for (String line : Files.readAllLines(file)) {
            JsonNode json = JSON.readTree(line);
            String id = json.path("custom_id").asText();
            lines.put(
                json.path("custom_id").isNull() ? "line " + json.at("/error/line") : id, json);
          }
        }
      }
    }
    return lines;
  }

  private static JsonNode message(JsonNode line) {
    return line.at("/response/body/choices/0/message");
  }

  private static String request(String id, String fields) {
    return "{\"custom_id\": \""
        + id
        + "\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"messages\":"
        + " [{\"role\": \"user\", \"content\": \"How much is 2 + 3?\"}],"
        + " \"reasoning_effort\": \"low\""
        + fields
        + "}}";
  }

  @Test
  void answersABatchFileAsOpenAiWould() throws IOException {
    Path output = folder.resolve("answers");
    answers(EXAMPLE).write().format("openai-batch").save(output.toString());

    Map<String, JsonNode> lines = lines(output, "part-");
    assertThat(lines(output, "errors-")).isEmpty();
    assertThat(lines.keySet())
        .containsExactly(
            "sum-1",
            "sum-2",
            "capital-1",
            "ticket-1",
            "weather-1",
            "turns-1",
            "short-1",
            "answer-1",
            "answer-2",
            "answer-3");
    assertThat(message(lines.get("sum-1")).path("content").asText()).isEqualTo("7");
    assertThat(message(lines.get("sum-2")).path("reasoning").asText()).isEqualTo("16 - 3 = 13.");
    assertThat(message(lines.get("capital-1")).path("content").asText()).isEqualTo("Canberra");
    assertThat(message(lines.get("ticket-1")).path("content").asText())
        .isEqualTo("{\"category\":\"refund\",\"urgency\":\"low\"}");
    String turns =
        spark
            .read()
            .format("openai-batch")
            .load(EXAMPLE.toString())
            .where("custom_id = 'turns-1'")
            .select("request.messages")
            .as(Encoders.STRING())
            .head();
    assertThat(JSON.readTree(turns)).hasSize(3);
    assertThat(message(lines.get("turns-1")).path("content").asText())
        .isEqualTo(
            GptOss.complete(
                    spark.createDataset(List.of(turns), Encoders.STRING()).toDF("chat"),
                    Sessions.demo().messagesCol("chat").reasoningEffort("low"))
                .select("completion.response")
                .as(Encoders.STRING())
                .head());

    JsonNode weather = lines.get("weather-1").at("/response/body/choices/0");
    assertThat(weather.path("finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(weather.at("/message/content").isNull()).isTrue();
    assertThat(weather.at("/message/tool_calls/0/type").asText()).isEqualTo("function");
    assertThat(weather.at("/message/tool_calls/0/function/name").asText()).isEqualTo("get_weather");
    assertThat(weather.at("/message/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"location\": \"Rome\"}");

    JsonNode cut = lines.get("short-1").at("/response/body");
    assertThat(cut.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(cut.at("/usage/completion_tokens").asInt()).isEqualTo(5);

    JsonNode responses = lines.get("answer-1").at("/response/body");
    assertThat(responses.path("status").asText()).isEqualTo("completed");
    assertThat(responses.at("/output/0/content/0/text").asText())
        .isEqualTo(
            "The user asks for a capital. The country is China. The capital of China is Beijing."
                + " Answer with the city.");
    assertThat(responses.at("/output/1/content/0/text").asText()).isEqualTo("Beijing");
    assertThat(lines.get("answer-2").at("/response/body/output/0/content/0/text").asText())
        .isEqualTo("{\"category\":\"refund\",\"urgency\":\"low\"}");
    assertThat(lines.get("answer-3").at("/response/body/output/0/arguments").asText())
        .isEqualTo("{\"location\": \"Rome\"}");
  }

  @Test
  void writesLinesOfExactlyOpenAisForm() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), request("a", ", \"model\": \"m\""));
    Path output = folder.resolve("out");
    answers(input).write().format("openai-batch").save(output.toString());
    JsonNode line = lines(output, "part-").get("a");
    assertThat(fields(line)).containsExactly("id", "custom_id", "response", "error");
    assertThat(line.path("id").asText()).matches("batch_req_[0-9a-f]{32}");
    assertThat(line.path("error").isNull()).isTrue();
    JsonNode response = line.path("response");
    assertThat(fields(response)).containsExactly("status_code", "request_id", "body");
    assertThat(response.path("status_code").asInt()).isEqualTo(200);
    JsonNode body = response.path("body");
    assertThat(fields(body))
        .containsExactly("id", "object", "created", "model", "choices", "usage");
    assertThat(body.path("object").asText()).isEqualTo("chat.completion");
    assertThat(body.path("model").asText()).isEqualTo("m");
    assertThat(fields(body.at("/choices/0")))
        .containsExactly("index", "message", "logprobs", "finish_reason");
    assertThat(message(line).path("role").asText()).isEqualTo("assistant");
    JsonNode usage = body.path("usage");
    assertThat(usage.path("total_tokens").asInt())
        .isEqualTo(usage.path("prompt_tokens").asInt() + usage.path("completion_tokens").asInt());
    assertThat(usage.at("/completion_tokens_details/reasoning_tokens").isInt()).isTrue();
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").isInt()).isTrue();
  }

  private static List<String> fields(JsonNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void aBadLineIsAnErrorLineAndStopsNothing() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (String line :
        List.of(
            "\uFEFF" + request("good-1", "") + "\r",
            "",
            "{\"custom_id\": \"good-2\", ",
            request("many", ", \"n\": 200"),
            request("good-1", ""),
            request("hot", ", \"temperature\": 1000"),
            request("slow", "").replace("\"low\"", "\"extreme\""),
            request("odd", ", \"stop\": [\"\"]"),
            "{\"custom_id\": \"other\", \"method\": \"POST\", \"url\": \"/v1/embeddings\","
                + " \"body\": {}}",
            "{\"custom_id\": \"seen\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\","
                + " \"body\": {\"messages\": [{\"role\": \"user\", \"content\": [{\"type\":"
                + " \"image_url\", \"image_url\": {\"url\": \"file:///etc/passwd\"}}]}]}}",
            "   ",
            "null")) {
      file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    file.write(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}', '\n'});
    file.write(request("good-2", ", \"stop\": \"5\"").getBytes(StandardCharsets.UTF_8));
    Path input = folder.resolve("bad.jsonl");
    Files.write(input, file.toByteArray());
    Path output = folder.resolve("out");
    answers(input).write().format("openai-batch").save(output.toString());

    assertThat(lines(output, "part-").keySet()).containsExactly("good-1", "good-2");
    Map<String, JsonNode> errors = lines(output, "errors-");
    Map<String, String> codes = new LinkedHashMap<>();
    errors.forEach((id, line) -> codes.put(id, line.at("/error/code").asText()));
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("line 3", "invalid_json_line");
    expected.put("many", "invalid_parameter");
    expected.put("good-1", "duplicate_custom_id");
    expected.put("hot", "invalid_parameter");
    expected.put("slow", "invalid_parameter");
    expected.put("odd", "invalid_parameter");
    expected.put("other", "invalid_url");
    expected.put("seen", "invalid_conversation");
    expected.put("line 12", "invalid_json_line");
    expected.put("line 13", "invalid_json_line");
    assertThat(codes).containsExactlyEntriesOf(expected);
    JsonNode hot = errors.get("hot");
    assertThat(hot.at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(hot.at("/response/body/error/type").asText()).isEqualTo("invalid_request_error");
    assertThat(hot.at("/response/body/error/message").asText()).contains("temperature");
    assertThat(errors.toString()).doesNotContain("passwd");
  }

  @Test
  void readsRequestsAsATable() throws IOException {
    Path input = folder.resolve("many");
    Files.createDirectories(input);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      lines.append(request("r" + i, ", \"seed\": " + i)).append('\n');
      if (i % 100 == 7) {
        lines.append("\n");
      }
    }
    Files.writeString(input.resolve("a.jsonl"), lines);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(
          (request("zipped", "") + "\n" + request("r3", "")).getBytes(StandardCharsets.UTF_8));
    }
    Files.write(input.resolve("b.jsonl.gz"), packed.toByteArray());
    String before = spark.conf().get("spark.sql.files.maxPartitionBytes");
    // Several tasks read one file, each from its middle.
    spark.conf().set("spark.sql.files.maxPartitionBytes", "5000");
    try {
      Dataset<Row> requests = spark.read().format("openai-batch").load(input.toString());
      assertThat(requests.rdd().getNumPartitions()).isGreaterThan(5);
      assertThat(requests.count()).isEqualTo(302);
      Map<String, Long> numbers = new LinkedHashMap<>();
      for (Row row :
          requests
              .where("request.error_code IS NULL")
              .select("custom_id", "line")
              .collectAsList()) {
        numbers.put(row.getString(0), row.getLong(1));
      }
      assertThat(numbers).hasSize(301);
      assertThat(numbers).containsEntry("r7", 8L).containsEntry("r8", 10L);
      assertThat(numbers).containsEntry("r299", 303L).containsEntry("zipped", 1L);
      Row duplicate = requests.where("request.error_code IS NOT NULL").head();
      assertThat(duplicate.<String>getAs("custom_id")).isEqualTo("r3");
      assertThat(duplicate.<Long>getAs("line")).isEqualTo(2);
      assertThat(
              requests
                  .where("custom_id = 'r5'")
                  .selectExpr(
                      "request.parameters['seed']", "url", "get_json_object(body, '$.seed')")
                  .head()
                  .mkString(" "))
          .isEqualTo("5 /v1/chat/completions 5");
    } finally {
      spark.conf().set("spark.sql.files.maxPartitionBytes", before);
    }
  }

  @Test
  void requestsCanBeBuiltInSqlAndKeepTheirOwnParameters() {
    Dataset<Row> table =
        spark.sql(
            "SELECT id, CASE WHEN id < 9 THEN named_struct('messages', '[{\"role\": \"user\","
                + " \"content\": \"How much is 2 + 3?\"}]', 'parameters',"
                + " map('reasoningEffort', effort, 'max_tokens', '30')) END AS request"
                + " FROM VALUES (1, 'low'), (2, 'medium'), (3, 'extreme'), (9, 'low') AS t(id, effort)");
    List<Row> rows =
        GptOss.complete(table, Sessions.demo().requestCol("request"))
            .orderBy("id")
            .selectExpr("completion.response", "completion.reasoning", "completion.error_code")
            .collectAsList();
    assertThat(rows.get(0).getString(0)).isEqualTo("5");
    assertThat(rows.get(0).getString(1)).isEmpty();
    assertThat(rows.get(1).getString(1)).isNotEmpty();
    assertThat(rows.get(2).getString(2)).isEqualTo("invalid_parameter");
    assertThat(rows.get(3).getString(2)).isEqualTo("null_prompt");
  }

  @Test
  void savesAsItsModeSays() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), request("a", "") + "\nbad");
    Path output = folder.resolve("out");
    Dataset<Row> answers = answers(input).localCheckpoint();
    String path = output.toString();
    answers.write().format("openai-batch").save(path);
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> answers.write().format("openai-batch").save(path))
        .withMessageContaining("exists already");
    answers.write().format("openai-batch").mode("ignore").save(path);
    assertThat(jsonl(output)).hasSize(2);
    answers.write().format("openai-batch").mode("append").save(path);
    assertThat(jsonl(output)).hasSize(4);
    List<Path> before = jsonl(output);
    answers
        .withColumn("custom_id", functions.lit("b"))
        .write()
        .format("openai-batch")
        .mode("overwrite")
        .save(path);
    assertThat(jsonl(output)).hasSize(2).doesNotContainAnyElementsOf(before);
    assertThat(lines(output, "part-")).containsOnlyKeys("b");
    assertThat(output.resolve("_SUCCESS")).exists();

    // What fails leaves what was there.
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(
            () ->
                answers
                    .withColumn("custom_id", functions.expr("raise_error('broken')"))
                    .withColumn("custom_id", functions.expr("string(custom_id)"))
                    .write()
                    .format("openai-batch")
                    .mode("overwrite")
                    .save(path));
    assertThat(lines(output, "part-")).containsOnlyKeys("b");
    assertThat(jsonl(output)).hasSize(2);
  }

  private static List<Path> jsonl(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).toList();
    }
  }

  @Test
  void wrongCallsAreRefusedWithTheReason() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), request("a", ""));
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                spark.read().format("openai-batch").option("model", "demo").load(input.toString()))
        .withMessageContaining("belong to format gptoss");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> spark.read().format("openai-batch").load())
        .withMessageContaining("no path");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                spark
                    .sql("SELECT 'a' AS custom_id")
                    .write()
                    .format("openai-batch")
                    .save(folder.resolve("o").toString()))
        .withMessageContaining("'completion'");
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(() -> spark.read().format("openai-batch").load(folder + "/none").schema())
        .withMessageContaining("PATH_NOT_FOUND");
  }
}

package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
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
      JsonNode ticket = ticket(row);
      assertThat(row.<String>getAs("response")).isEqualTo(row.<String>getAs("parsed"));
      assertThat(JSON.readTree(row.<String>getAs("parsed"))).isEqualTo(ticket);
    }
  }

  /** The same with {@code parsed} of the type that follows from the schema. */
  private static void assertTypedTickets(Dataset<Row> completions) throws Exception {
    List<Row> rows = completions.select("completion.*").collectAsList();
    assertThat(rows).isNotEmpty();
    for (Row row : rows) {
      JsonNode ticket = ticket(row);
      Row parsed = row.getAs("parsed");
      assertThat(parsed.<String>getAs("category")).isEqualTo(ticket.get("category").asText());
      assertThat(parsed.<Long>getAs("urgency")).isEqualTo(ticket.get("urgency").asLong());
    }
  }

  private static JsonNode ticket(Row completion) throws Exception {
    assertThat(completion.<String>getAs("error_message")).isNull();
    assertThat(completion.<String>getAs("finish_reason")).isEqualTo("stop");
    JsonNode ticket = JSON.readTree(completion.<String>getAs("response"));
    assertThat(ticket.get("category").asText()).isIn("billing", "other");
    assertThat(ticket.get("urgency").asInt()).isBetween(1, 5);
    assertThat(ticket.size()).isEqualTo(2);
    return ticket;
  }

  @Test
  void theSqlFunctionAndTheProgramAndTheTableKeepTheForm() throws Exception {
    assertTypedTickets(
        spark.sql(
            "SELECT gptoss_generate(prompt, model => 'demo', temperature => 1.5, max_tokens => 300,"
                + " max_reasoning_tokens => 16, response_format => '"
                + FORMAT
                + "') AS completion FROM tickets"));
    assertTypedTickets(GptOss.complete(spark.table("tickets"), hot().responseFormat(FORMAT)));
    Path input = folder.resolve("tickets");
    spark.table("tickets").write().json(input.toString());
    assertTypedTickets(
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

  private static String generate(String more) {
    return "SELECT prompt, gptoss_generate(prompt, model => 'demo', temperature => 1.5, max_tokens =>"
        + " 300, max_reasoning_tokens => 16, "
        + more
        + ") AS completion FROM tickets";
  }

  private static String parsedType(Dataset<Row> completions) {
    return completions.select("completion.parsed").schema().fields()[0].dataType().sql();
  }

  @Test
  void fieldsOfTheAnswerAreColumnsOfTheirTypes() {
    Dataset<Row> tickets =
        spark.sql(
            "SELECT category, urgency + 1 AS next FROM (SELECT completion.parsed.* FROM ("
                + generate("response_format => '" + FORMAT + "'")
                + ")) WHERE category IN ('billing', 'other') AND urgency BETWEEN 1 AND 5");
    assertThat(tickets.schema().toDDL()).isEqualTo("category STRING,next BIGINT");
    assertThat(tickets.count()).isEqualTo(3);
  }

  @Test
  void typedAnswersGoIntoDeltaTables() {
    String table = folder.resolve("typed").toString();
    spark.sql(generate("response_format => '" + FORMAT + "'")).write().format("delta").save(table);
    Dataset<Row> read = spark.read().format("delta").load(table);
    assertThat(parsedType(read)).isEqualTo("STRUCT<category: STRING, urgency: BIGINT>");
    assertThat(read.where("completion.parsed.urgency BETWEEN 1 AND 5").count()).isEqualTo(3);

    String variants = folder.resolve("variants").toString();
    spark
        .sql(generate("parsed_type => 'variant', response_format => '" + FORMAT + "'"))
        .write()
        .format("delta")
        .save(variants);
    Dataset<Row> variant = spark.read().format("delta").load(variants);
    assertThat(parsedType(variant)).isEqualTo("VARIANT");
    assertThat(
            variant
                .where("variant_get(completion.parsed, '$.urgency', 'int') BETWEEN 1 AND 5")
                .count())
        .isEqualTo(3);
  }

  @Test
  void typedAnswersOfStreamsAreColumns() throws Exception {
    String source = folder.resolve("source").toString();
    String table = folder.resolve("streamed").toString();
    spark.table("tickets").write().format("delta").save(source);
    spark.readStream().format("delta").load(source).createOrReplaceTempView("arriving");
    spark
        .sql(
            "SELECT completion.parsed.*, labels FROM (SELECT completion, gptoss_classify(prompt,"
                + " array('x', 'y'), true, model => 'demo', max_reasoning_tokens => 8) AS labels FROM ("
                + generate("response_format => '" + FORMAT + "'").replace("tickets", "arriving")
                + "))")
        .writeStream()
        .format("delta")
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .start(table)
        .awaitTermination();
    Dataset<Row> read = spark.read().format("delta").load(table);
    assertThat(read.schema().toDDL())
        .isEqualTo("category STRING,urgency BIGINT,labels ARRAY<STRING>");
    assertThat(read.where("category IN ('billing', 'other') AND urgency BETWEEN 1 AND 5").count())
        .isEqualTo(3);
    assertThat(read.where("size(array_except(labels, array('x', 'y'))) = 0").count()).isEqualTo(3);
  }

  @Test
  void aTypeStandsForASchema() {
    Dataset<Row> completions =
        spark.sql(
            generate(
                "response_format => 'struct<late:boolean not null,on:date not null,"
                    + "cents:smallint not null>'"));
    assertThat(parsedType(completions))
        .isEqualTo("STRUCT<late: BOOLEAN NOT NULL, on: DATE NOT NULL, cents: SMALLINT NOT NULL>");
    for (Row row : completions.select("completion.*").collectAsList()) {
      assertThat(row.<String>getAs("error_message")).isNull();
      assertThat(row.<Row>getAs("parsed").isNullAt(1)).isFalse();
    }
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> spark.sql(generate("response_format => 'struct<a:binary>'")))
        .withMessageContaining("BINARY");
  }

  @Test
  void choicesAreTextAndTextStaysWhereItIsAskedFor() {
    Dataset<Row> choices = spark.sql(generate("structured_outputs => '" + CHOICE + "'"));
    assertThat(parsedType(choices)).isEqualTo("STRING");
    assertThat(choices.where("completion.parsed IN ('yes', 'no', 'maybe')").count()).isEqualTo(3);
    assertThat(
            parsedType(
                spark.sql(
                    generate("parsed_type => 'string', response_format => '" + FORMAT + "'"))))
        .isEqualTo("STRING");
    assertThat(
            parsedType(
                spark.sql(
                    generate("response_format => if(prompt = 'Hello', NULL, '" + FORMAT + "')"))))
        .isEqualTo("STRING");
  }

  @Test
  void valuesHaveProbabilitiesAndAnswersConfidence() {
    List<Row> choices =
        spark
            .sql(
                "SELECT completion.parsed, completion.confidence, completion.choice_probabilities FROM"
                    + " ("
                    + generate(
                        "choice_probabilities => true, structured_outputs => '" + CHOICE + "'")
                    + ")")
            .collectAsList();
    for (Row row : choices) {
      Map<String, Double> probabilities = row.getJavaMap(2);
      assertThat(row.getDouble(1)).isEqualTo(probabilities.get(row.getString(0)));
      assertThat(probabilities.keySet()).isSubsetOf("yes", "no", "maybe", "");
      assertThat(probabilities.values().stream().mapToDouble(v -> v).sum())
          .isCloseTo(1, within(1e-9));
    }
    Row member =
        GptOss.complete(
                spark.table("tickets").limit(1),
                hot().responseFormat(FORMAT).choiceProbabilities("category"))
            .selectExpr(
                "completion.confidence - completion.choice_probabilities[completion.parsed.category]")
            .head();
    assertThat(member.getDouble(0)).isZero();
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                spark.sql(
                    generate(
                        "choice_probabilities => array('sort'), response_format => '"
                            + FORMAT
                            + "'")))
        .withMessageContaining("sort");
  }

  private static GptOssOptions choosing(String effort) {
    return Sessions.demo()
        .maxTokens(200)
        .maxReasoningTokens(16)
        .reasoningEffort(effort)
        .structuredOutputs(CHOICE);
  }

  private static List<Row> attempts(Dataset<Row> table, GptOssOptions options) {
    return GptOss.complete(table, options)
        .selectExpr(
            "completion.reasoning_effort",
            "completion.usage.output_tokens",
            "completion.response",
            "completion.confidence")
        .collectAsList();
  }

  @Test
  void rowsThatAreNotSureAreAskedAgain() {
    Dataset<Row> table = spark.table("tickets");
    List<Row> low = attempts(table, choosing("low"));
    List<Row> medium = attempts(table, choosing("medium"));
    List<Row> high = attempts(table, choosing("high"));
    List<Row> cascade = attempts(table, choosing("low").minConfidence(1));
    for (int i = 0; i < cascade.size(); i++) {
      boolean stopsAtLow = low.get(i).getDouble(3) >= 1;
      boolean stopsAtMedium = medium.get(i).getDouble(3) >= 1;
      assertThat(stopsAtLow || stopsAtMedium).isFalse();
      assertThat(cascade.get(i).getString(0)).isEqualTo("high");
      assertThat(cascade.get(i).getInt(1))
          .isEqualTo(low.get(i).getInt(1) + medium.get(i).getInt(1) + high.get(i).getInt(1));
      assertThat(cascade.get(i).getString(2)).isEqualTo(high.get(i).getString(2));
      assertThat(cascade.get(i).getDouble(3)).isEqualTo(high.get(i).getDouble(3));
    }
    assertThat(attempts(table, choosing("low").minConfidence(1e-9))).isEqualTo(low);
    GptOssOptions alone = choosing("low").minConfidence(1);
    spark.udf().register("chosen", new GptOssUdf(alone), GptOss.completionType(alone));
    assertThat(
            spark
                .sql("SELECT chosen(prompt).usage.output_tokens FROM tickets LIMIT 1")
                .head()
                .getInt(0))
        .isEqualTo(cascade.get(0).getInt(1));
  }

  @Test
  void aCutAnswerIsAnErrorOfItsRow() {
    List<Row> rows =
        spark
            .sql(
                "SELECT c.* FROM (SELECT gptoss_generate(prompt, model => 'demo', max_tokens => 12,"
                    + " max_reasoning_tokens => 1, response_format => '"
                    + FORMAT
                    + "') AS c FROM tickets)")
            .collectAsList();
    for (Row row : rows) {
      assertThat(row.<String>getAs("finish_reason")).isEqualTo("length");
      assertThat(row.<String>getAs("error_code")).isEqualTo("incomplete_answer");
      assertThat(row.<String>getAs("error_message")).contains("12 tokens").contains("max_tokens");
      assertThat(row.<Row>getAs("parsed")).isNull();
      assertThat(row.<String>getAs("response")).isNotNull();
    }
  }

  @Test
  void functionsThatSeeSingleRowsAreTypedToo() {
    GptOssOptions options = hot().responseFormat(FORMAT);
    spark.udf().register("ticket", new GptOssUdf(options), GptOss.completionType(options));
    assertThat(
            spark
                .sql("SELECT ticket(prompt).parsed.urgency AS u FROM tickets")
                .where("u BETWEEN 1 AND 5")
                .count())
        .isEqualTo(3);
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

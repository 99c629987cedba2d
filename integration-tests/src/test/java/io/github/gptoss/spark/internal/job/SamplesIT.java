package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import io.github.gptoss.spark.GptOssUdf;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Hot enough that samples differ. */
  private static final String HOT = "model => 'demo', temperature => 3, max_tokens => 24";

  private static final String CHOICE = "{\"choice\": [\"one\", \"two\", \"three\"]}";

  /** Tokens of a block of keys and values. */
  private static final int BLOCK = 32;

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    questions().createOrReplaceTempView("questions");
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static Dataset<Row> questions() {
    return spark
        .range(0, 6, 1, 2)
        .selectExpr(
            "id", "concat('How much is ', id, ' + ', id + 2, '?') AS prompt", "id + 40 AS seed");
  }

  private static GptOssOptions hot() {
    return Sessions.demo().temperature(3).maxTokens(24).includeTokens(true);
  }

  /** The token ids of the samples of each row; of a row of one, its completion's. */
  private static Map<Long, List<List<Integer>>> samples(Dataset<Row> completed) {
    Map<Long, List<List<Integer>>> samples = new HashMap<>();
    for (Row row : completed.select("id", "completion").collectAsList()) {
      Row completion = row.getStruct(1);
      List<Row> choices = completion.getList(completion.fieldIndex("choices"));
      List<List<Integer>> tokens = new ArrayList<>();
      for (Row answer : choices == null ? List.of(completion) : choices) {
        tokens.add(answer.getList(answer.fieldIndex("completion_tokens")));
      }
      assertThat(completion.<Integer>getList(completion.fieldIndex("completion_tokens")))
          .isEqualTo(tokens.get(0));
      samples.put(row.getLong(0), tokens);
    }
    return samples;
  }

  @Test
  void aSampleIsTheSameHoweverItIsAsked() {
    Map<Long, List<List<Integer>>> samples =
        samples(GptOss.complete(questions(), hot().n(4).set("seed_col", "seed")));
    assertThat(samples).hasSize(6);
    assertThat(samples.values()).allMatch(tokens -> new HashSet<>(tokens).size() > 1);
    Map<Long, List<List<Integer>>> narrow =
        samples(
            GptOss.complete(
                questions().coalesce(1),
                hot().n(3).set("seed_col", "seed").windowRows(2).deduplicate(false)));
    Map<Long, List<List<Integer>>> sql =
        samples(
            spark.sql(
                "SELECT id, gptoss_generate(prompt, "
                    + HOT
                    + ", include_tokens => true, n => int(2 + id % 2), seed => seed) AS completion"
                    + " FROM questions"));
    samples.forEach(
        (id, tokens) -> {
          assertThat(narrow.get(id)).isEqualTo(tokens.subList(0, 3));
          assertThat(sql.get(id)).isEqualTo(tokens.subList(0, (int) (2 + id % 2)));
        });
    // Each of them is a row of one sample of its seed.
    for (int i = 0; i < 4; i++) {
      int index = i;
      List<Row> seeds = new ArrayList<>();
      for (Row row : questions().collectAsList()) {
        SamplingParams row0 = SamplingParams.builder().seed(row.getLong(2)).build();
        seeds.add(
            org.apache.spark.sql.RowFactory.create(
                row.getLong(0), row.getString(1), row0.ofSample(index).seed()));
      }
      Dataset<Row> one = spark.createDataFrame(seeds, questions().schema());
      samples(GptOss.complete(one, hot().set("seed_col", "seed")))
          .forEach((id, tokens) -> assertThat(tokens.get(0)).isEqualTo(samples.get(id).get(index)));
    }
  }

  @Test
  void rowByRowTheSamplesAreTheSame() {
    GptOssOptions options = hot().n(3).seed(5);
    spark.udf().register("sampled", new GptOssUdf(options), GptOss.completionType(options));
    assertThat(
            samples(
                questions()
                    .selectExpr("id", "sampled(prompt) AS completion")
                    .where("completion.choices IS NOT NULL")))
        .isEqualTo(samples(GptOss.complete(questions(), options)));
  }

  @Test
  void thePromptIsComputedOnce() {
    Dataset<Row> row =
        spark.sql("SELECT 0L AS id, concat('Say ', repeat('word ', 200), now()) AS prompt");
    GptOssOptions options = hot().n(8);
    OptionValues values = OptionValues.resolve(options.toMap(), Map.of());
    EngineStats before = Engines.stats(values.engineConfig());
    Row completion = GptOss.complete(row, options).select("completion").head().getStruct(0);
    EngineStats after = Engines.stats(values.engineConfig());
    int prompt = completion.getList(completion.fieldIndex("prompt_tokens")).size();
    // What a sample cannot share: the prompt's last block, from which its first token comes.
    int own = prompt - (prompt - 1) / BLOCK * BLOCK;
    List<Row> choices = completion.getList(completion.fieldIndex("choices"));
    assertThat(choices).hasSize(8);
    for (int i = 1; i < 8; i++) {
      Row usage = choices.get(i).getAs("usage");
      assertThat(usage.<Integer>getAs("input_tokens")).isEqualTo(prompt);
      assertThat(usage.<Integer>getAs("cached_tokens")).isEqualTo(prompt - own);
    }
    int first = choices.get(0).<Row>getAs("usage").<Integer>getAs("cached_tokens");
    assertThat(after.promptTokens() - before.promptTokens())
        .isEqualTo(prompt - first + 7L * own)
        .isLessThan(2L * prompt);
    Row usage = completion.getAs("usage");
    assertThat(usage.<Integer>getAs("input_tokens")).isEqualTo(prompt);
    assertThat(usage.<Integer>getAs("cached_tokens")).isEqualTo(first);
    assertThat(usage.<Integer>getAs("output_tokens"))
        .isEqualTo(
            choices.stream()
                .mapToInt(choice -> choice.<Row>getAs("usage").<Integer>getAs("output_tokens"))
                .sum());
  }

  /** The first of the most frequent texts. */
  private static String majority(List<String> answers) {
    String best = null;
    for (String answer : answers) {
      if (best == null || count(answers, answer) > count(answers, best)) {
        best = answer;
      }
    }
    return best;
  }

  private static long count(List<String> answers, String answer) {
    return answers.stream().filter(answer::equals).count();
  }

  @Test
  void samplesVote() {
    List<Row> rows =
        spark
            .sql(
                "SELECT c.parsed, c.vote_share, c.choices.parsed, c.error_code FROM (SELECT"
                    + " gptoss_generate(prompt, model => 'demo', temperature => 3, n => 9, seed => id,"
                    + " vote => 'majority', max_reasoning_tokens => 0, structured_outputs => '"
                    + CHOICE
                    + "') AS c FROM questions)")
            .collectAsList();
    assertThat(rows).hasSize(6);
    for (Row row : rows) {
      List<String> answers = row.getList(2);
      assertThat(answers).hasSize(9);
      assertThat(row.getString(0)).isEqualTo(majority(answers));
      assertThat(row.getDouble(1)).isEqualTo(count(answers, row.getString(0)) / 9.0);
      assertThat(row.isNullAt(3)).isTrue();
    }
    assertThat(rows).anyMatch(row -> !row.getList(2).get(0).equals(row.getString(0)));
  }

  @Test
  void taskFunctionsTakeTheMajority() {
    String call =
        "(prompt, array('one', 'two', 'three'), temperature => 3, model => 'demo', seed => id,"
            + " max_reasoning_tokens => 0";
    List<Row> rows =
        spark
            .sql(
                "SELECT gptoss_classify"
                    + call
                    + ", n => 5, vote => 'majority'), gptoss_classify_detail"
                    + call
                    + ", n => 5).choices.parsed FROM questions")
            .collectAsList();
    assertThat(rows).hasSize(6);
    for (Row row : rows) {
      assertThat(row.getString(0)).isEqualTo(majority(row.getList(1)));
    }
  }

  @Test
  void choicesHaveTheTypeOfTheAnswer() {
    Dataset<Row> completed =
        GptOss.complete(
            questions(),
            hot()
                .n(3)
                .maxTokens(200)
                .maxReasoningTokens(0)
                .vote("majority")
                .structuredOutputs(
                    """
                    {"json": {"type": "object", "properties": {"kind": {"type": "boolean"},
                     "size": {"type": "integer", "minimum": 0, "maximum": 99}}, "required": ["kind", "size"]},
                     "disable_any_whitespace": true}"""));
    for (Row row : completed.select("completion").collectAsList()) {
      Row completion = row.getStruct(0);
      List<Row> choices = completion.getList(completion.fieldIndex("choices"));
      List<Object> parsed = new ArrayList<>();
      for (Row choice : choices) {
        parsed.add(choice.getAs("parsed"));
        Row answer = choice.getAs("parsed");
        assertThat(answer.get(0)).isInstanceOf(Boolean.class);
        assertThat(answer.get(1)).isInstanceOf(Long.class);
      }
      Object winner = completion.getAs("parsed");
      long votes = parsed.stream().filter(winner::equals).count();
      assertThat(completion.<Double>getAs("vote_share")).isEqualTo(votes / 3.0);
    }
  }

  @Test
  void whatCannotBeIsRefusedAtOnce() {
    refused("n => 0", "option n is 0: it must be between 1 and 128");
    refused("n => 500", "option n is 500: it must be between 1 and 128");
    refused("vote => 'majority'", "option vote is majority, and n is 1");
    refused("vote => 'most', n => 2", "it must be none or majority");
    refused("n => 2, overflow => 'map_reduce'", "overflow is map_reduce");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOss.complete(questions(), Sessions.demo().vote("majority")))
        .withMessageContaining("set n to how many samples a row is to have");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                spark.sql(
                    "SELECT gptoss_summarize_agg(prompt, model => 'demo', n => 2) FROM questions"))
        .withMessageContaining("overflow is map_reduce");
  }

  private static void refused(String arguments, String message) {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                spark.sql(
                    "SELECT gptoss_generate(prompt, "
                        + HOT
                        + ", "
                        + arguments
                        + ") FROM questions"))
        .withMessageContaining(message);
  }

  @Test
  void aWrongCountOfARowIsItsError() {
    List<Row> rows =
        spark
            .sql(
                "SELECT c.error_code, c.error_message, size(c.choices) FROM (SELECT id,"
                    + " gptoss_generate(prompt, "
                    + HOT
                    + ", n => int(id - 1), vote => 'majority') AS c FROM questions) ORDER BY id")
            .collectAsList();
    assertThat(rows)
        .extracting(row -> row.getString(0))
        .startsWith("invalid_parameter", "invalid_parameter");
    assertThat(rows.get(0).getString(1)).contains("option n is -1: it must be between 1 and 128");
    assertThat(rows.subList(3, 6)).extracting(row -> row.getInt(2)).containsExactly(2, 3, 4);
  }

  private static String request(String id, String fields) {
    return "{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"messages\":"
            .formatted(id)
        + " [{\"role\": \"user\", \"content\": \"How much is 2 + 3?\"}],"
        + " \"reasoning_effort\": \"low\", \"temperature\": 1.5, \"max_tokens\": 24"
        + fields
        + "}}\n";
  }

  private Map<String, JsonNode> batch(String vote, String... requests) throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), String.join("", requests));
    Path output = folder.resolve("answers-" + vote);
    spark
        .read()
        .format("gptoss")
        .option("model", "demo")
        .option("input_format", "openai-batch")
        .option("vote", vote)
        .load(input.toString())
        .write()
        .format("openai-batch")
        .save(output.toString());
    Map<String, JsonNode> lines = new HashMap<>();
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.filter(name -> name.toString().endsWith(".jsonl")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode json = JSON.readTree(line);
          lines.put(json.get("custom_id").asText(), json);
        }
      }
    }
    return lines;
  }

  @Test
  void batchFilesHaveAChoiceForEverySample() throws IOException {
    String many = request("many", ", \"n\": 3");
    Map<String, JsonNode> lines =
        batch("none", many, request("one", ", \"n\": 1"), request("wrong", ", \"n\": 129"));
    JsonNode body = lines.get("many").at("/response/body");
    JsonNode one = lines.get("one").at("/response/body");
    assertThat(body.get("choices")).hasSize(3);
    for (int i = 0; i < 3; i++) {
      JsonNode choice = body.get("choices").get(i);
      assertThat(choice.get("index").asInt()).isEqualTo(i);
      assertThat(choice.at("/message/role").asText()).isEqualTo("assistant");
      assertThat(choice.get("finish_reason").asText()).isIn("stop", "length", "tool_calls");
      assertThat(choice.has("vote_share")).isFalse();
    }
    assertThat(body.get("choices").get(0).get("message").get("content"))
        .isEqualTo(one.at("/choices/0/message/content"));
    assertThat(one.get("choices")).hasSize(1);
    assertThat(body.at("/usage/prompt_tokens")).isEqualTo(one.at("/usage/prompt_tokens"));
    assertThat(body.at("/usage/completion_tokens").asInt())
        .isGreaterThan(one.at("/usage/completion_tokens").asInt());
    assertThat(lines.get("wrong").at("/error/code").asText()).isEqualTo("invalid_parameter");
    assertThat(lines.get("wrong").at("/error/message").asText()).contains("between 1 and 128");

    JsonNode voted = batch("majority", many).get("many").at("/response/body");
    assertThat(voted.get("choices")).hasSize(1);
    assertThat(voted.at("/choices/0/vote_share").isNumber()).isTrue();
    assertThat(voted.at("/usage/completion_tokens")).isEqualTo(body.at("/usage/completion_tokens"));
  }

  private JobSummary run(String output, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", folder.resolve("in").toString(), "--input-format", "json"));
    args.addAll(List.of("--output", folder.resolve(output).toString(), "--model", "demo"));
    args.addAll(List.of("--temperature", "1.5", "--max-tokens", "24", "--seed", "3"));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }

  @Test
  void aJobWritesChoicesAndItsJournalFindsEverySample() throws Exception {
    questions().write().json(folder.resolve("in").toString());
    String[] again = {"--journal", "keep", "--output-mode", "append", "--set", "n=3"};
    JobSummary summary = run("out", again);
    assertThat(summary.rows()).isEqualTo(6);
    assertThat(summary.resumedRows()).isZero();
    Dataset<Row> written = spark.read().format("delta").load(folder.resolve("out").toString());
    Row counted =
        written
            .selectExpr(
                "count(*)",
                "sum(size(completion.choices))",
                "sum(completion.usage.output_tokens)",
                "sum(aggregate(completion.choices.usage.output_tokens, 0, (a, b) -> a + b))")
            .head();
    assertThat(counted.getLong(0)).isEqualTo(6);
    assertThat(counted.getLong(1)).isEqualTo(18);
    assertThat(summary.outputTokens())
        .isEqualTo(counted.getLong(2))
        .isEqualTo(counted.getLong(3))
        .isEqualTo(summary.generatedTokens());

    JobSummary resumed = run("out", again);
    assertThat(resumed.rows()).isEqualTo(6);
    assertThat(resumed.resumedRows()).isEqualTo(18);
    assertThat(resumed.generatedTokens()).isZero();
    assertThat(
            spark
                .read()
                .format("delta")
                .load(folder.resolve("out").toString())
                .groupBy("id", "completion.choices.response")
                .count()
                .select(functions.col("count"))
                .distinct()
                .collectAsList())
        .as("both runs answer alike")
        .singleElement()
        .satisfies(row -> assertThat(row.getLong(0)).isEqualTo(2));
  }
}

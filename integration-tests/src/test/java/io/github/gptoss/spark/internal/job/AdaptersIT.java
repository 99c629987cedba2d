package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.ModelFingerprint;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.spark.DemoAdapter;
import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import io.github.gptoss.spark.RemoteFileSystem;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of several adapters and of none: what they get is what the engine alone gives them. */
class AdaptersIT {
  private static final List<String> QUESTIONS =
      List.of("What is 12 + 7?", "What is the capital of France?", "What is 3 + 4?");

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static SparkSession spark;
  private static Map<String, String> adapters;

  /** Token ids by adapter, "" for none, and question. */
  private static Map<String, List<Integer>> expected;

  @BeforeAll
  static void start() throws Exception {
    spark = Sessions.local();
    spark.conf().set("fs.remote.impl", RemoteFileSystem.class.getName());
    adapters = new TreeMap<>();
    adapters.put("one", DemoAdapter.write(shared.resolve("one"), 1));
    adapters.put("two", DemoAdapter.write(shared.resolve("two"), 2));
    expected = new HashMap<>();
    EngineConfig config = EngineConfig.builder("demo").loraAdapters(adapters).build();
    try (GptOssEngine engine = GptOssEngine.open(config)) {
      for (String adapter : new String[] {"", "one", "two"}) {
        for (String question : QUESTIONS) {
          int[] prompt =
              HarmonyEncoding.gptOss()
                  .renderForCompletion(ConversationBuilder.ofPrompt(question).build());
          GenerationRequest request =
              GenerationRequest.harmony(IntBuffer.wrap(prompt))
                  .lora(adapter.isEmpty() ? null : adapter)
                  .maxTokens(8)
                  .build();
          int[] tokens = engine.generate(List.of(request)).get(0).tokens();
          expected.put(adapter + ":" + question, Arrays.stream(tokens).boxed().toList());
        }
      }
    }
    assertThat(expected.values()).as("answers that tell adapters apart").doesNotHaveDuplicates();
  }

  @AfterAll
  static void stop() {
    spark.conf().unset("fs.remote.impl");
    spark.stop();
    Engines.close();
  }

  /** Every question for every adapter, for none (null and ''), and for one that is not there. */
  private static Dataset<Row> rows() {
    List<String> values = new ArrayList<>();
    int id = 0;
    for (String question : QUESTIONS) {
      for (String adapter : List.of("'one'", "NULL", "'two'", "''", "'three'")) {
        values.add("(%d, '%s', %s)".formatted(id++, question, adapter));
      }
    }
    return spark.sql(
        "SELECT * FROM VALUES " + String.join(", ", values) + " AS t(id, prompt, adapter)");
  }

  private static String json(Map<String, String> values) throws Exception {
    return new ObjectMapper().writeValueAsString(values);
  }

  private static GptOssOptions options() {
    return Sessions.demo().loraAdapters(adapters).maxTokens(8).includeTokens(true);
  }

  private static void assertAnswers(Dataset<Row> answers) {
    List<Row> rows =
        answers
            .selectExpr(
                "prompt",
                "coalesce(adapter, '')",
                "completion.completion_tokens",
                "completion.error_code",
                "completion.error_message")
            .collectAsList();
    assertThat(rows).hasSize(QUESTIONS.size() * 5);
    for (Row row : rows) {
      if (row.getString(1).equals("three")) {
        assertThat(row.getString(3)).isEqualTo("invalid_parameter");
        assertThat(row.getString(4)).contains("lora is 'three'", "one, two");
      } else {
        assertThat(row.<Integer>getList(2))
            .as("%s of adapter '%s'", row.getString(0), row.getString(1))
            .isEqualTo(expected.get(row.getString(1) + ":" + row.getString(0)));
      }
    }
  }

  @Test
  void aColumnOfATableNamesAdapters() {
    assertAnswers(GptOss.complete(rows(), options().set("lora_col", "adapter")));
  }

  @Test
  void anArgumentOfAFunctionNamesAdapters() throws Exception {
    GptOss.install(spark);
    spark.conf().set("spark.gptoss.model", "demo");
    spark.conf().set("spark.gptoss.lora_adapters", json(adapters));
    try {
      rows().createOrReplaceTempView("questions");
      assertAnswers(
          spark.sql(
              "SELECT *, gptoss_generate(prompt, lora => adapter, max_tokens => 8, include_tokens =>"
                  + " true) AS completion FROM questions"));
      assertThatExceptionOfType(AnalysisException.class)
          .isThrownBy(
              () -> spark.sql("SELECT gptoss_text(prompt, lora => 'on') FROM questions").collect())
          .withMessageContaining("did you mean 'one'?");
    } finally {
      spark.conf().unset("spark.gptoss.model");
      spark.conf().unset("spark.gptoss.lora_adapters");
    }
  }

  @Test
  void theModelOfAnOpenAiBodyNamesAnAdapterOrNothing() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String model : List.of("one", "gpt-oss-20b", "two")) {
      for (String question : QUESTIONS) {
        String body =
            "{\"model\": \"%s\", \"max_tokens\": 8, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
                .formatted(model, question);
        lines.add(
            "{\"custom_id\": \"%s:%s\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": %s}"
                .formatted(model.startsWith("gpt") ? "" : model, question, body));
      }
    }
    Path input = Files.write(folder.resolve("batch.jsonl"), lines);
    List<Row> rows =
        spark
            .read()
            .format("gptoss")
            .option("model", "demo")
            .option("lora_adapters", json(adapters))
            .option("include_tokens", "true")
            .option("input_format", "openai-batch")
            .load(input.toString())
            .selectExpr("custom_id", "completion.completion_tokens")
            .collectAsList();
    assertThat(rows).hasSize(9);
    for (Row row : rows) {
      assertThat(row.<Integer>getList(1))
          .as(row.getString(0))
          .isEqualTo(expected.get(row.getString(0)));
    }
  }

  private static GptOssOptions choosing(String effort) {
    return Sessions.demo()
        .loraAdapters(adapters)
        .set("lora_col", "adapter")
        .choiceProbabilities("true")
        .structuredOutputs("{\"choice\": [\"yes\", \"no\", \"maybe\"]}")
        .reasoningEffort(effort)
        .maxReasoningTokens(8)
        .maxTokens(64);
  }

  /** Effort, probabilities of the values and confidence by adapter, of one question. */
  private static Map<String, List<Object>> chosen(String where, GptOssOptions options) {
    Map<String, List<Object>> chosen = new TreeMap<>();
    for (Row row :
        GptOss.complete(rows().where(where), options)
            .selectExpr(
                "coalesce(adapter, 'none')",
                "completion.reasoning_effort",
                "completion.choice_probabilities",
                "completion.confidence")
            .collectAsList()) {
      chosen.put(row.getString(0), List.of(row.get(1), row.getJavaMap(2), row.get(3)));
    }
    return chosen;
  }

  @Test
  void probabilitiesOfValuesAreTheAdapters() {
    String question = "prompt = '" + QUESTIONS.get(0) + "'";
    Map<String, List<Object>> mixed =
        chosen(question + " AND coalesce(adapter, '') <> 'three'", choosing("low"));
    assertThat(mixed).containsOnlyKeys("none", "", "one", "two");
    assertThat(mixed.get("")).isEqualTo(mixed.get("none"));
    assertThat(List.of(mixed.get("none"), mixed.get("one"), mixed.get("two")))
        .doesNotHaveDuplicates();
    assertThat(chosen(question + " AND adapter = 'one'", choosing("low")).get("one"))
        .isEqualTo(mixed.get("one"));
  }

  /** A row that is asked again is asked of its adapter. */
  @Test
  void theNextEffortIsTheAdapters() {
    String where = "prompt = '" + QUESTIONS.get(0) + "' AND adapter IN ('one', 'two')";
    Map<String, List<Object>> high = chosen(where, choosing("high"));
    assertThat(high.get("one")).isNotEqualTo(high.get("two"));
    assertThat(chosen(where, choosing("low").minConfidence(1))).isEqualTo(high);
  }

  /** The rounds of a tool are the adapter's: else what the first computed were not found again. */
  @Test
  void theRoundsOfAToolAreTheAdapters() throws Exception {
    spark
        .sql("SELECT 'Rome' AS location, 21 AS temperature, 'sunny' AS condition")
        .createOrReplaceTempView("reports");
    Map<String, String> quiet =
        Map.of("quiet", DemoAdapter.write(folder.resolve("quiet"), 7, 0.01));
    Row row =
        GptOss.complete(
                spark.sql("SELECT 'Weather in Rome?' AS prompt"),
                Sessions.demo()
                    .loraAdapters(quiet)
                    .lora("quiet")
                    .tools(ToolsIT.WEATHER)
                    .developerPrompt("Answer briefly. " + "Rule seven holds. ".repeat(60))
                    .reasoningEffort("low")
                    .maxTokens(100)
                    .includeTokens(true)
                    .toolLookup(ToolsIT.LOOKUP))
            .selectExpr("completion.*")
            .head();
    assertThat(row.<Integer>getAs("tool_rounds")).isEqualTo(1);
    Row usage = row.getAs("usage");
    int second = row.getList(row.fieldIndex("prompt_tokens")).size();
    int computed = usage.<Integer>getAs("input_tokens") - usage.<Integer>getAs("cached_tokens");
    assertThat(second).isGreaterThan(300);
    assertThat(computed).isLessThan(second + 32);
  }

  private JobSummary run(Map<String, String> named, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", folder.resolve("in").toString(), "--input-format", "json"));
    args.addAll(List.of("--output", folder.resolve("out").toString(), "--model", "demo"));
    args.addAll(List.of("--max-tokens", "8", "--set", "include_tokens=true"));
    args.addAll(List.of("--set", "lora_col=adapter", "--set", "lora_adapters=" + json(named)));
    args.addAll(List.of("--model-cache-dir", folder.resolve("cache").toString()));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }

  private Dataset<Row> written() {
    return spark.read().format("delta").load(folder.resolve("out").toString());
  }

  private JsonNode audit() throws Exception {
    String audit =
        spark
            .sql("DESCRIBE HISTORY delta.`" + folder.resolve("out") + "`")
            .orderBy("version")
            .selectExpr("userMetadata")
            .collectAsList()
            .get(0)
            .getString(0);
    return new ObjectMapper().readTree(audit).get("gptoss");
  }

  @Test
  void aJobsRowsNameAdaptersAndItsAuditKnowsThem() throws Exception {
    rows().write().json(folder.resolve("in").toString());
    JobSummary summary = run(adapters);
    assertThat(summary.rows()).isEqualTo(15);
    assertThat(summary.errors()).isEqualTo(3);
    assertAnswers(written());
    JsonNode audit = audit();
    assertThat(audit.get("lora_adapters").get("one").textValue())
        .isEqualTo(
            adapters.get("one")
                + "#"
                + ModelFingerprint.ofAdapter(adapters.get("one")).substring(0, 16));
    assertThat(audit.get("lora_fingerprints").get("two").textValue())
        .isEqualTo(ModelFingerprint.ofAdapter(adapters.get("two")));
    assertThat(audit.get("lora_fingerprints").get("one"))
        .isNotEqualTo(audit.get("lora_fingerprints").get("two"));
  }

  /** The journal finds what the content answered, under whatever name, and nothing else. */
  @Test
  void aJournalKnowsAdaptersByTheirContent() throws Exception {
    rows().where("adapter IN ('one', 'two')").write().json(folder.resolve("in").toString());
    String[] again = {"--journal", "keep", "--output-mode", "append"};
    Path moving = folder.resolve("moving");
    DemoAdapter.write(moving, 1);
    Map<String, String> named = Map.of("one", moving.toString(), "two", adapters.get("two"));
    assertThat(run(named, again).resumedRows()).isZero();
    Engines.close();

    Map<String, String> copies = Map.of("one", adapters.get("one"), "two", adapters.get("two"));
    assertThat(run(copies, again).resumedRows()).isEqualTo(6);
    Engines.close();

    DemoAdapter.write(moving, 3);
    assertThat(run(named, again).resumedRows()).isEqualTo(3);
    Engines.close();
  }

  /** A warm engine has what was there when it was opened: the next run opens another. */
  @Test
  void anAdapterThatIsTrainedAgainInPlaceIsTheOneThatComputes() throws Exception {
    rows().where("adapter = 'one'").write().json(folder.resolve("in").toString());
    Path moving = folder.resolve("moving");
    DemoAdapter.write(moving, 1);
    assertThat(tokensOf(moving)).isEqualTo(tokensOf(Path.of(adapters.get("one"))));
    DemoAdapter.write(moving, 2);
    assertThat(tokensOf(moving)).isEqualTo(tokensOf(Path.of(adapters.get("two"))));
    Engines.close();
  }

  /** What the adapter generates for all questions; no engine is closed before. */
  private List<List<Integer>> tokensOf(Path adapter) throws Exception {
    return GptOss.complete(
            rows().where("adapter = 'one'"),
            Sessions.demo()
                .loraAdapters(Map.of("one", adapter.toString()))
                .set("lora_col", "adapter")
                .maxTokens(8)
                .includeTokens(true))
        .orderBy("id")
        .selectExpr("completion.completion_tokens")
        .collectAsList()
        .stream()
        .map(row -> row.<Integer>getList(0))
        .toList();
  }

  /** An address of a filesystem is pinned to its version, and copied to the cache. */
  @Test
  void anAdapterComesFromAnyAddressThatAModelComesFrom() throws Exception {
    rows().write().json(folder.resolve("in").toString());
    Map<String, String> remote = new TreeMap<>();
    adapters.forEach((name, path) -> remote.put(name, "remote:" + path));
    run(remote);
    assertAnswers(written());
    assertThat(audit().get("lora_adapters").get("one").textValue())
        .matches("remote:.*one#[0-9a-f]{16}");
    Engines.close();
  }

  @Test
  void anAdapterThatDoesNotFitFailsBeforeAnyWork() throws Exception {
    rows().write().json(folder.resolve("in").toString());
    Map<String, String> wrong = Map.of("one", adapters.get("one"), "two", folder.toString());
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> run(wrong))
        .withMessageContaining("adapter_config.json: no such file");
    assertThat(folder.resolve("out")).doesNotExist();
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOss.complete(rows(), Sessions.demo().loraAdapters(wrong)))
        .withMessageContaining("adapter_config.json: no such file");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () -> GptOss.complete(rows(), Sessions.demo().set("lora_adapters", "one=/adapters")))
        .withMessageContaining("JSON object of addresses by name");
  }
}

package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.engine.CountingEngine;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every option that may differ from row to row is set on every road that there is, and the engine
 * is asked the same on all of them.
 */
class OptionTableIT {
  private static final CountingEngine ENGINE = new CountingEngine();
  private static final List<OptionKey> OF_ROWS =
      Arrays.stream(OptionKey.values()).filter(OptionKey::isPerRow).toList();

  private static SparkSession spark;
  private static AutoCloseable counting;

  /** What the engine is asked with each option: once, or as often as the option says. */
  private static Map<OptionKey, List<Object>> expected;

  @TempDir private static Path adapters;
  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    spark = Sessions.local();
    spark.conf().set("spark.gptoss.model", "demo");
    // Options that name an adapter take names of adapters that there are.
    ObjectNode named = new ObjectMapper().createObjectNode();
    for (OptionKey key : List.of(OptionKey.LORA, OptionKey.REQUESTED_MODEL)) {
      Path adapter = adapters.resolve(key.optionName());
      named.put(value(key), DemoAdapter.write(adapter, key.ordinal()));
    }
    spark.conf().set("spark.gptoss.lora_adapters", named.toString());
    // What is drawn with counts only where something is drawn.
    spark.conf().set("spark.gptoss.temperature", "0.75");
    counting = Engines.count(ENGINE);
    spark.sql("SELECT 'p' AS prompt").createOrReplaceTempView("prompts");
    expected = new LinkedHashMap<>();
    for (OptionKey key : OF_ROWS) {
      expected.put(key, asked(List.of(key), only -> complete(only.optionName(), value(only))));
    }
    List<Object> plain = asked(List.of(OptionKey.SEED), key -> complete("output_col", "c"));
    assertThat(expected.values()).noneMatch(plain::containsAll);
    assertThat(all(OF_ROWS)).hasSize(OF_ROWS.size() + 1).doesNotHaveDuplicates();
  }

  private static List<Object> all(List<OptionKey> keys) {
    return keys.stream().flatMap(key -> expected.get(key).stream()).toList();
  }

  @AfterAll
  static void stop() throws Exception {
    spark.stop();
    counting.close();
  }

  /** A value that the option does not have otherwise, as text. */
  private static String value(OptionKey key) {
    if (key == OptionKey.N) {
      // Each sample is a request, and the first one is that of a row without more.
      return "2";
    }
    return switch (key.kind()) {
      case STRING -> key == OptionKey.REASONING_EFFORT ? "high" : "You are " + key.optionName();
      case STRING_LIST, FLAG_OR_NAMES -> "[\"end\",\"fin\"]";
      case JSON_OBJECT ->
          key == OptionKey.STRUCTURED_OUTPUTS
              ? "{\"choice\":[\"yes\",\"no\"]}"
              : "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}";
      case JSON_ARRAY -> "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
      case NUMBERS_BY_TOKEN -> "{\"5\":1.5}";
      case INT, LONG, BYTES, DURATION -> String.valueOf(17 + key.ordinal());
      case DOUBLE -> "0.25";
      case BOOLEAN -> "true";
    };
  }

  /** The same value in SQL, of the type that it is. */
  private static String literal(OptionKey key) {
    return switch (key.kind()) {
      case STRING_LIST, FLAG_OR_NAMES -> "array('end', 'fin')";
      case INT, LONG, BYTES, DURATION, DOUBLE, BOOLEAN -> value(key);
      default -> "'" + value(key) + "'";
    };
  }

  private static Dataset<Row> prompts(String... more) {
    List<String> columns = new ArrayList<>(List.of("prompt"));
    columns.addAll(Arrays.asList(more));
    return spark.table("prompts").selectExpr(columns.toArray(new String[0]));
  }

  private static Dataset<Row> complete(String option, String value) {
    return GptOss.complete(prompts(), GptOssOptions.create().set(option, value));
  }

  /** What the engine is asked when a query is run for each option, in one job. */
  private static List<Object> asked(List<OptionKey> keys, Function<OptionKey, Dataset<Row>> query) {
    ENGINE.reset();
    keys.stream()
        .map(query)
        .map(table -> table.selectExpr("to_json(struct(*))"))
        .reduce(Dataset::union)
        .orElseThrow()
        // One task, so that the requests come in the options' order.
        .coalesce(1)
        .collectAsList();
    return keys();
  }

  private static List<Object> keys() {
    return ENGINE.asked().stream().map(CountingEngine.Asked::key).toList();
  }

  private static void assertAsksTheSame(Function<OptionKey, Dataset<Row>> query) {
    assertThat(asked(OF_ROWS, query)).containsExactlyInAnyOrderElementsOf(all(OF_ROWS));
  }

  @Test
  void isAConstantOfASqlFunction() {
    assertAsksTheSame(
        key ->
            spark.sql(
                "SELECT gptoss_generate(prompt, %s => %s) AS c FROM prompts"
                    .formatted(key.optionName(), literal(key))));
  }

  @Test
  void isAColumnOfASqlFunction() {
    assertAsksTheSame(
        key ->
            spark.sql(
                "SELECT gptoss_generate(prompt, %s => v) AS c FROM (SELECT prompt, %s AS v FROM prompts)"
                    .formatted(key.optionName(), literal(key))));
  }

  @Test
  void isAFieldOfACatalogFunctionsStruct() {
    assertAsksTheSame(
        key ->
            spark.sql(
                "SELECT gptoss.generate(prompt, named_struct('%s', %s)) AS c FROM prompts"
                    .formatted(key.optionName(), literal(key))));
  }

  @Test
  void isAColumnOfACompletedTable() {
    assertAsksTheSame(
        key ->
            GptOss.complete(
                prompts(literal(key) + " AS v"),
                GptOssOptions.create().set(key.optionName() + "_col", "v")));
  }

  @Test
  void isAColumnThatTheConfigurationNames() {
    assertAsksTheSame(
        key -> {
          String name = "spark.gptoss." + key.optionName() + "_col";
          spark.conf().set(name, "v");
          try {
            return GptOss.complete(prompts(literal(key) + " AS v"), GptOssOptions.create());
          } finally {
            spark.conf().unset(name);
          }
        });
  }

  @Test
  void isAnOptionOfTheDataSource() {
    assertAsksTheSame(
        key ->
            spark
                .read()
                .format("gptoss")
                .option("table", "prompts")
                .option(key.optionName(), value(key))
                .load());
  }

  @Test
  void isAColumnOfTheDataSource() {
    assertAsksTheSame(
        key -> {
          String view = "with_" + key.optionName();
          prompts(literal(key) + " AS v").createOrReplaceTempView(view);
          return spark
              .read()
              .format("gptoss")
              .option("table", view)
              .option(key.optionName() + "_col", "v")
              .load();
        });
  }

  @Test
  void isAParameterOfARequest() {
    assertAsksTheSame(
        key ->
            GptOss.complete(
                prompts(
                        "named_struct('messages',"
                            + " to_json(array(named_struct('role', 'user', 'content', prompt))),"
                            + " 'parameters', map('%s', '%s')) AS r"
                                .formatted(key.optionName(), value(key)))
                    .select("r"),
                GptOssOptions.create().requestCol("r")));
  }

  @Test
  void isAFieldOfABodyWhereOpenAiHasIt() throws Exception {
    for (OptionKey.Endpoint endpoint : OptionKey.Endpoint.values()) {
      Predicate<OptionKey> hasField = key -> !key.bodyFields(endpoint).isEmpty();
      List<OptionKey> keys = OF_ROWS.stream().filter(hasField).toList();
      List<String> lines = new ArrayList<>();
      for (OptionKey key : keys) {
        for (String field : key.bodyFields(endpoint)) {
          lines.add(line(endpoint, lines.size(), field, key));
        }
      }
      Path file = Files.write(folder.resolve(endpoint + ".jsonl"), lines);
      ENGINE.reset();
      List<Row> rows =
          spark
              .read()
              .format("gptoss")
              .option("input_format", "openai-batch")
              .load(file.toString())
              .selectExpr("completion.error_message")
              .collectAsList();
      assertThat(rows).hasSize(lines.size()).allMatch(row -> row.isNullAt(0));
      List<Object> wanted = all(keys);
      assertThat(keys).hasSizeGreaterThan(10);
      assertThat(keys()).containsOnlyElementsOf(wanted).containsAll(wanted);
    }
  }

  private static String line(OptionKey.Endpoint endpoint, int id, String path, OptionKey key) {
    boolean isChat = endpoint == OptionKey.Endpoint.CHAT_COMPLETIONS;
    String json = key.kind() == OptionKey.Kind.STRING ? '"' + value(key) + '"' : value(key);
    if (key == OptionKey.RESPONSE_FORMAT && !isChat) {
      // The responses API has a schema's fields one level higher.
      json = "{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"object\"}}";
    }
    String[] steps = path.split("\\.");
    String field =
        steps.length == 1
            ? "\"%s\": %s".formatted(path, json)
            : "\"%s\": {\"%s\": %s}".formatted(steps[0], steps[1], json);
    return "{\"custom_id\": \"%d\", \"method\": \"POST\", \"url\": \"%s\", \"body\": {%s, %s}}"
        .formatted(
            id,
            isChat ? "/v1/chat/completions" : "/v1/responses",
            isChat
                ? "\"messages\": [{\"role\": \"user\", \"content\": \"p\"}]"
                : "\"input\": \"p\"",
            field);
  }

  /** From the strongest: a request's parameter, the column, the call's option. */
  @Test
  void aRequestsParameterIsStrongerThanAColumnAndAColumnThanTheOption() {
    Dataset<Row> rows =
        spark.sql(
            """
            SELECT id, named_struct('messages', '[{"role": "user", "content": "p"}]', 'parameters', p) AS r, 1 AS s, m
            FROM VALUES (0, map('SEED', '7'), 11), (1, map('seed', NULL), 12), (2, NULL, 13),
              (3, map('max_completion_tokens', '20'), NULL) AS v(id, p, m)
            """);
    ENGINE.reset();
    GptOss.complete(
            rows.coalesce(1),
            GptOssOptions.create()
                .requestCol("r")
                .seed(5)
                .maxTokens(99)
                .set("seed_col", "s")
                .set("max_tokens_col", "m"))
        .collectAsList();
    assertThat(ENGINE.asked().stream().map(a -> a.request().maxTokens()))
        .containsExactlyInAnyOrder(11, 12, 13, 20);
    assertThat(
            ENGINE.asked().stream()
                .filter(a -> a.request().maxTokens() == 11)
                .map(a -> a.request().sampling().seed()))
        .containsExactly(7L);
    assertThat(
            ENGINE.asked().stream()
                .filter(a -> a.request().maxTokens() != 11)
                .map(a -> a.request().sampling().seed()))
        .containsOnly(1L);
  }

  @Test
  void aNullOfAColumnLeavesTheCallsValueAndAWrongOneIsTheRowsError() {
    Dataset<Row> rows =
        spark.sql("SELECT prompt, m FROM prompts, VALUES (NULL), (30), (0) AS v(m)").coalesce(1);
    ENGINE.reset();
    List<Row> done =
        GptOss.complete(rows, GptOssOptions.create().maxTokens(40).set("max_tokens_col", "m"))
            .where("completion.error_code IS NOT NULL")
            .selectExpr("m", "completion.error_code", "completion.error_message")
            .collectAsList();
    assertThat(ENGINE.asked().stream().map(a -> a.request().maxTokens()))
        .containsExactlyInAnyOrder(40, 30);
    assertThat(done)
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.getInt(0)).isZero();
              assertThat(row.getString(1)).isEqualTo("invalid_parameter");
              assertThat(row.getString(2)).contains("max_tokens is 0: it must be at least 1");
            });
  }

  @Test
  void equalPromptsOfSpreadRowsMeetWhateverTheirParametersAre() {
    ENGINE.reset();
    Dataset<Row> rows = spark.sql("SELECT 'p' AS prompt, id AS s FROM range(20)");
    GptOss.complete(rows, GptOssOptions.create().repartition(3).set("seed_col", "s"))
        .collectAsList();
    assertThat(ENGINE.asked().stream().map(a -> a.request().sampling().seed()).distinct())
        .hasSize(20);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          temperature_col | nothing | option temperature_col names column 'nothing', which the table does not have
          temperature_col | flag    | option temperature_col: column 'flag' is boolean, expected a number
          stop_col        | numbers | option stop_col: column 'numbers' is array<int>, expected string or array<string>
          tools_col       | s       | option tools_col: column 's' is struct<x.y:int>, expected string (JSON)
          seed_col        | `s      | '`s' is not the name of a column
          """)
  void wrongColumnsFailAtAnalysisInOneLine(String option, String column, String message) {
    Dataset<Row> table =
        prompts("true AS flag", "array(1) AS numbers", "named_struct('x.y', 1) AS s");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOss.complete(table, GptOssOptions.create().set(option, column)))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void readsAFieldWithADotInItsName() {
    ENGINE.reset();
    GptOss.complete(
            prompts("named_struct('x.y', 31) AS s"),
            GptOssOptions.create().set("max_tokens_col", "s.`x.y`"))
        .collectAsList();
    assertThat(ENGINE.asked())
        .singleElement()
        .satisfies(a -> assertThat(a.request().maxTokens()).isEqualTo(31));
  }
}

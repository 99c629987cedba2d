package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import io.github.gptoss.spark.GptOssUdf;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo model asks for the weather, a tool answers, and the model says it. */
class ToolsIT {
  private static final String[] CITIES = {
    "Tokyo", "Paris", "London", "Berlin", "Madrid", "Rome", "Oslo", "Cairo", "Lima", "Austin",
    "Boston", "Chicago", "Denver", "Dublin", "Geneva", "Hanoi", "Houston", "Jakarta", "Lagos",
    "Lyon", "Miami", "Milan", "Moscow", "Mumbai", "Munich", "Nairobi", "Osaka", "Prague", "Seoul",
    "Sydney", "Toronto", "Vienna"
  };
  private static final String[] CONDITIONS = {
    "sunny", "cloudy", "rainy", "windy", "foggy", "snowy"
  };
  static final String LOOKUP = "{\"get_weather\": {\"table\": \"reports\", \"key\": \"location\"}}";
  static final String WEATHER =
      "[{\"type\": \"function\", \"function\": {\"name\": \"get_weather\", \"description\": \"Gets"
          + " the current weather for a city.\", \"parameters\": {\"type\": \"object\","
          + " \"properties\": {\"location\": {\"type\": \"string\", \"description\": \"The city\"}},"
          + " \"required\": [\"location\"]}}}]";

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    spark.conf().set("spark.gptoss.model", "demo");
    List<Row> reports = new ArrayList<>();
    for (int i = 0; i < CITIES.length; i++) {
      reports.add(RowFactory.create(CITIES[i], temperature(i), condition(i)));
    }
    spark
        .createDataFrame(
            reports,
            new StructType()
                .add("location", DataTypes.StringType)
                .add("temperature", DataTypes.IntegerType)
                .add("condition", DataTypes.StringType))
        .createOrReplaceTempView("reports");
    Sessions.demoPrompts(spark).where("task = 'weather'").createOrReplaceTempView("weather");
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  @AfterEach
  void holdsNothing() {
    Engines.assertIdle();
  }

  private static int temperature(int city) {
    return (city * 7) % 49 - 9;
  }

  private static String condition(int city) {
    return CONDITIONS[city % CONDITIONS.length];
  }

  private static int cityIn(String question) {
    for (int i = 0; i < CITIES.length; i++) {
      if (question.contains(CITIES[i])) {
        return i;
      }
    }
    throw new IllegalArgumentException(question);
  }

  /**
   * All weather rows: those that ask are answered from the table, those that have an answer already
   * from that.
   *
   * @param completed has {@code completion} beside the columns of the demo's rows
   */
  private static void assertAnswered(Dataset<Row> completed) {
    List<Row> rows =
        completed
            .selectExpr(
                "id",
                "question",
                "completion_tokens IS NOT NULL AND expected_tool_arguments <> '[]'",
                "expected",
                "expected_reasoning",
                "completion.*")
            .collectAsList();
    assertThat(rows).hasSize(120);
    int asked = 0;
    for (Row row : rows) {
      String id = row.getString(0);
      int city = cityIn(row.getString(1));
      List<Row> calls = row.getList(row.fieldIndex("tool_calls"));
      assertThat(row.<String>getAs("error_code")).as(id).isNull();
      assertThat(row.<String>getAs("finish_reason")).as(id).isEqualTo("stop");
      if (row.getBoolean(2)) {
        assertThat(row.<String>getAs("response"))
            .as(id)
            .isEqualTo(
                "It is %d degrees and %s in %s."
                    .formatted(temperature(city), condition(city), CITIES[city]));
        assertThat(row.<Integer>getAs("tool_rounds")).as(id).isEqualTo(1);
        assertThat(row.<String>getAs("reasoning")).as(id).isEqualTo(row.getString(4));
        assertThat(calls).as(id).hasSize(1);
        assertThat(calls.get(0).getString(1)).as(id).isEqualTo("get_weather");
        assertThat(calls.get(0).getString(2)).as(id).isEqualTo(row.getString(3));
        assertThat(calls.get(0).getString(3))
            .as(id)
            .isEqualTo(
                "{\"temperature\": %d, \"condition\": \"%s\"}"
                    .formatted(temperature(city), condition(city)));
        assertThat(calls.get(0).isNullAt(4)).as(id).isTrue();
        asked++;
      } else {
        assertThat(row.<String>getAs("response")).as(id).isEqualTo(row.getString(3));
        assertThat(row.<Integer>getAs("tool_rounds")).as(id).isZero();
        assertThat(calls).as(id).isEmpty();
      }
    }
    assertThat(asked).isEqualTo(69);
  }

  @Test
  void theDataFrameAnswers() {
    assertAnswered(
        GptOss.complete(
            spark.table("weather").repartition(3),
            Sessions.demo().messagesCol("messages").maxTokens(100).toolLookup(LOOKUP)));
  }

  @Test
  void sqlAnswers() {
    assertAnswered(
        spark.sql(
            "SELECT *, gptoss_chat(messages, max_tokens => 100, tool_lookup => '"
                + LOOKUP
                + "') AS completion FROM weather"));
  }

  @Test
  void theJobAnswers() throws Exception {
    String reports = folder.resolve("reports").toString();
    spark.table("reports").write().format("delta").save(reports);
    String input = folder.resolve("weather").toString();
    spark.table("weather").write().format("delta").save(input);
    String output = folder.resolve("out").toString();
    JobSummary summary =
        new JobRun(
                JobArguments.parse(
                        "--input",
                        input,
                        "--input-format",
                        "delta",
                        "--output",
                        output,
                        "--messages-col",
                        "messages",
                        "--max-tokens",
                        "100",
                        "--tool-lookup",
                        LOOKUP.replace("\"reports\"", "\"delta.`" + reports + "`\""))
                    .spec())
            .run(spark);
    assertThat(summary.rows()).isEqualTo(120);
    assertThat(summary.errors()).isZero();
    assertAnswered(spark.read().format("delta").load(output));
  }

  private static GptOssOptions asking() {
    return Sessions.demo().tools(WEATHER).reasoningEffort("low").maxTokens(100);
  }

  private static Row ask(GptOssOptions options, String question) {
    return GptOss.complete(spark.sql("SELECT '" + question + "' AS prompt"), options)
        .selectExpr("completion.*")
        .head();
  }

  @Test
  void argumentsThatFindNothingAreTold() {
    spark.sql("SELECT * FROM reports WHERE location <> 'Rome'").createOrReplaceTempView("fewer");
    Row row = ask(asking().toolLookup(LOOKUP.replace("reports", "fewer")), "Weather in Rome?");
    List<Row> calls = row.getList(row.fieldIndex("tool_calls"));
    assertThat(row.<String>getAs("error_code")).isNull();
    assertThat(calls.get(0).isNullAt(3)).isTrue();
    assertThat(calls.get(0).getString(4)).startsWith("there is no location 'Rome'");
  }

  @Test
  void severalRowsOfAKeyAreAListInOneOrder() {
    spark
        .sql("SELECT 'Rome' AS location, id AS n, date'2025-01-02' AS day, null AS x FROM range(3)")
        .repartition(3)
        .createOrReplaceTempView("several");
    Row row = ask(asking().toolLookup(LOOKUP.replace("reports", "several")), "Weather in Rome?");
    List<Row> calls = row.getList(row.fieldIndex("tool_calls"));
    assertThat(calls.get(0).getString(3))
        .isEqualTo(
            "[{\"n\": 0, \"day\": \"2025-01-02\", \"x\": null},"
                + " {\"n\": 1, \"day\": \"2025-01-02\", \"x\": null},"
                + " {\"n\": 2, \"day\": \"2025-01-02\", \"x\": null}]");
  }

  /** The prompt is long and no other row shares more than its beginning. */
  @Test
  void whatWasComputedForARoundIsFoundAgain() {
    String alone = "Answer briefly. " + "Rule seven holds. ".repeat(60);
    Row row =
        ask(
            asking().developerPrompt(alone).includeTokens(true).toolLookup(LOOKUP),
            "Weather in Rome?");
    assertThat(row.<Integer>getAs("tool_rounds")).isEqualTo(1);
    Row usage = row.getAs("usage");
    int second = row.getList(row.fieldIndex("prompt_tokens")).size();
    int computed = usage.<Integer>getAs("input_tokens") - usage.<Integer>getAs("cached_tokens");
    assertThat(second).isGreaterThan(300);
    assertThat(computed).isLessThan(second + 32);
  }

  /** Counts what it is asked. */
  public static final class Reports implements ToolExecutor {
    static final List<Integer> BATCHES = new CopyOnWriteArrayList<>();

    @Override
    public Set<String> functions() {
      return Set.of("get_weather");
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) {
      BATCHES.add(calls.size());
      return calls.stream()
          .map(call -> ToolResult.of("{\"temperature\": 7, \"condition\": \"foggy\"}"))
          .toList();
    }
  }

  @Test
  void aProgramsOwnExecutorAnswersInAnyPlace() {
    GptOssOptions own = asking().toolExecutors("{\"" + Reports.class.getName() + "\": {}}");
    Row row = assertSameInAnyPlace(own, "Weather in Rome?");
    assertThat(row.<String>getAs("response")).isEqualTo("It is 7 degrees and foggy in Rome.");
    assertThat(Reports.BATCHES).containsExactly(1, 1);
  }

  /** Answers more than a small context holds. */
  public static final class Talker implements ToolExecutor {
    @Override
    public Set<String> functions() {
      return Set.of("get_weather");
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) {
      return calls.stream().map(call -> ToolResult.of("rain and ".repeat(500))).toList();
    }
  }

  @Test
  void answersThatDoNotFitAreToldInAnyPlace() {
    Row row =
        assertSameInAnyPlace(
            asking()
                .toolExecutors("{\"" + Talker.class.getName() + "\": {}}")
                .maxModelLen(512)
                .overflow("truncate_end"),
            "Weather in Rome?");
    List<Row> calls = row.getList(row.fieldIndex("tool_calls"));
    assertThat(calls.get(0).getString(4)).startsWith("the answer was too long for the context");
    assertThat(row.<String>getAs("error_code")).isNull();
    assertThat(row.<Integer>getAs("tool_rounds")).isPositive();
  }

  /** In the operator and row by row; the row. */
  private static Row assertSameInAnyPlace(GptOssOptions options, String question) {
    Row batched = ask(options, question);
    spark.udf().register("ask", new GptOssUdf(options), GptOss.completionType(options));
    Row single =
        spark.sql("SELECT answer.* FROM (SELECT ask('" + question + "') AS answer)").head();
    for (String field :
        List.of("response", "reasoning", "tool_calls", "finish_reason", "tool_rounds")) {
      assertThat(single.<Object>getAs(field)).as(field).isEqualTo(batched.getAs(field));
    }
    return batched;
  }

  @Test
  void aCommandAnswers() {
    String command =
        "[\"/bin/sh\", \"-c\", \"cat > /dev/null; echo '{\\\"result\\\": {\\\"temperature\\\": 3,"
            + " \\\"condition\\\": \\\"windy\\\"}}'\"]";
    Row row =
        ask(
            asking().toolProcess("{\"get_weather\": {\"command\": " + command + "}}"),
            "Weather in Oslo?");
    assertThat(row.<String>getAs("response")).isEqualTo("It is 3 degrees and windy in Oslo.");
  }

  @Test
  void nothingRunsThatIsNotConfigured() {
    Row row = ask(asking(), "Weather in Rome?");
    assertThat(row.<String>getAs("finish_reason")).isEqualTo("tool_calls");
    assertThat(row.<Integer>getAs("tool_rounds")).isZero();
    List<Row> calls = row.getList(row.fieldIndex("tool_calls"));
    assertThat(calls.get(0).isNullAt(3)).isTrue();
    assertThat(calls.get(0).isNullAt(4)).isTrue();
  }

  @Test
  void wrongTablesAreRefusedBeforeAnythingRuns() {
    Map.of(
            LOOKUP.replace("reports", "nowhere"),
            "there is no table or view 'nowhere'",
            LOOKUP.replace("\"location\"", "\"locatoin\""),
            "has no column 'locatoin': did you mean 'location'?",
            "{\"f\": {\"table\": \"weather\", \"key\": \"prompt_tokens\"}}",
            "key column 'prompt_tokens' is of type array<int>")
        .forEach(
            (lookup, message) ->
                assertThatExceptionOfType(AnalysisException.class)
                    .isThrownBy(
                        () ->
                            GptOss.complete(
                                spark.sql("SELECT 'x' AS prompt"), asking().toolLookup(lookup)))
                    .withMessageContaining("GPTOSS_INVALID_OPTION")
                    .withMessageContaining(message));
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () -> spark.sql("SELECT gptoss_text('x', tool_browser => '{\"table\": \"reports\"}')"))
        .withMessageContaining("option tool_browser: table reports has no column 'url'");
  }

  /** Where nothing ships the table, the query says so rather than leave the model alone. */
  @Test
  void aTableNeedsTheOperator() {
    GptOssOptions options = asking().toolLookup(LOOKUP);
    spark.udf().register("lonely", new GptOssUdf(options), GptOss.completionType(options));
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(() -> spark.sql("SELECT lonely('Weather in Rome?')").collectAsList())
        .withStackTraceContaining("option tool_lookup needs its table");
  }

  @Test
  void explainReadsNoTable() {
    spark.sql("SELECT raise_error('read') AS location, 1 AS t").createOrReplaceTempView("broken");
    Dataset<Row> completed =
        GptOss.complete(
            spark.sql("SELECT 'x' AS prompt"),
            asking().toolLookup(LOOKUP.replace("reports", "broken")));
    String plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) completed)
            .queryExecution()
            .executedPlan()
            .toString();
    assertThat(plan).contains("BatchGenerate");
  }
}

package io.github.gptoss.spark;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.cli.sql.SqlStatements;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GptOssSourceIT {
  private static final int ROWS = 40;
  private static final EngineConfig DEMO =
      OptionValues.resolve(Map.of("model", "demo"), Map.of()).engineConfig();

  @TempDir static Path folder;
  private static SparkSession spark;
  private static String questions;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    questions = folder.resolve("questions").toString();
    spark
        .range(0, ROWS, 1, 4)
        .selectExpr(
            "id",
            "concat('How much is ', id, ' + 1?') AS prompt",
            "CAST(id % 4 AS INT) AS kind",
            "named_struct('to', concat('u', id % 3), 'at', DATE'1500-01-01' + CAST(id AS INT)) AS"
                + " who",
            "CAST(id AS DECIMAL(20, 2)) AS amount")
        .write()
        .format("delta")
        .save(questions);
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static DataFrameReader reader() {
    return spark.read().format("gptoss").option("model", "demo").option("reasoningEffort", "low");
  }

  /** Generates one token a row, so that tokens count rows. */
  private static Dataset<Row> counted() {
    return reader().option("max_tokens", 1).load(questions);
  }

  private static Dataset<Row> answers() {
    return reader().load(questions);
  }

  /** Runs a query and expects this many rows of it, for which so many were generated. */
  private static List<Row> expect(int rows, int generated, Dataset<Row> query) {
    long before = Engines.stats(DEMO).generatedTokens();
    List<Row> result = query.collectAsList();
    long after = Engines.stats(DEMO).generatedTokens();
    Engines.assertIdle();
    assertThat(result).hasSize(rows);
    assertThat(after - before).as("generated rows").isEqualTo(generated);
    return result;
  }

  @Test
  void addsTheCompletionToTheInputsColumns() {
    Dataset<Row> input = spark.read().format("delta").load(questions);
    assertThat(answers().drop("completion").schema()).isEqualTo(input.schema());
    assertThat(answers().schema().apply("completion").dataType())
        .isEqualTo(GptOss.completionType());
    List<Row> read = answers().orderBy("id").collectAsList();
    List<Row> expected =
        GptOss.complete(input, Sessions.demo().reasoningEffort("low"))
            .orderBy("id")
            .collectAsList();
    for (int i = 0; i < ROWS; i++) {
      assertThat(read.get(i).<Row>getAs("completion").<Object>getAs("response"))
          .isEqualTo(expected.get(i).<Row>getAs("completion").getAs("response"));
      assertThat(read.get(i).<Object>getAs("who")).isEqualTo(expected.get(i).getAs("who"));
    }
  }

  @Test
  void generatesNothingWhereNoCompletionIsSelected() {
    expect(ROWS, 0, counted().select("id", "prompt"));
    expect(1, 0, counted().groupBy().count());
    expect(4, 0, counted().groupBy("kind").agg(functions.max("amount")));
    expect(ROWS, 0, counted().select(functions.lit(1)));
    assertThat(counted().count()).isEqualTo(ROWS);
  }

  @Test
  void generatesOnlyWhatFiltersOnInputColumnsLeave() {
    expect(1, 1, counted().where("id = 7"));
    expect(10, 10, counted().where("kind = 2").select("completion.response"));
    expect(5, 5, counted().where("id IN (1, 2, 3, 4, 5) AND prompt IS NOT NULL"));
    expect(11, 11, counted().where("prompt LIKE 'How much is 1%'"));
    expect(13, 13, counted().where("who.to = 'u2'"));
    expect(3, 3, counted().where("who.at < DATE'1500-01-04'"));
    expect(20, 20, counted().where("id % 2 = 0"));
    expect(2, 2, counted().where("upper(prompt) = 'HOW MUCH IS 3 + 1?' OR amount = 4.00"));
    expect(0, 0, counted().where("id < 0"));
    expect(4, 4, counted().where("NOT (id > 3)").drop("kind"));
  }

  @Test
  void keepsFiltersOnCompletionsAbove() {
    expect(0, 10, counted().where("kind = 2 AND completion.response = 'no such answer'"));
    expect(10, 10, counted().where("kind = 2 AND completion.error_code IS NULL"));
  }

  @Test
  void generatesOnlyWhatALimitLeaves() {
    expect(7, 7, counted().limit(7));
    expect(3, 3, counted().select("id", "completion.response").limit(3));
    expect(2, 2, counted().where("kind = 1").limit(2));
  }

  @Test
  void generatesOnlyTheFirstOfAnOrderOfInputColumns() {
    List<Row> last = expect(5, 5, counted().orderBy(col("id").desc()).limit(5));
    assertThat(last.stream().map(row -> row.<Long>getAs("id")).toList())
        .containsExactly(39L, 38L, 37L, 36L, 35L);
    List<Row> some =
        expect(3, 3, counted().where("kind = 1").orderBy(col("kind"), col("amount")).limit(3));
    assertThat(some.stream().map(row -> row.<Long>getAs("id")).toList())
        .containsExactly(1L, 5L, 9L);
    expect(2, ROWS, counted().orderBy(col("completion.response")).limit(2));
  }

  @Test
  void isATemporaryViewInSql() {
    spark.sql(
        "CREATE TEMPORARY VIEW counted USING gptoss OPTIONS (path '"
            + questions
            + "', model 'demo', reasoning_effort 'low', max_tokens '1')");
    expect(3, 3, spark.sql("SELECT prompt, completion.response FROM counted WHERE id < 3"));
    expect(1, 0, spark.sql("SELECT count(*) FROM counted"));
  }

  @Test
  void isNoTableOfACatalogAndSaysSo() {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () ->
                spark.sql(
                    "CREATE TABLE kept_answers USING gptoss OPTIONS (path '"
                        + questions
                        + "', model 'demo')"))
        .withMessageContaining("CREATE TEMPORARY VIEW");
  }

  /** The guide's example, run as it stands. */
  @Test
  void theGuidesExampleRuns() throws Exception {
    String page = Files.readString(Sessions.ROOT.resolve("docs/datasource.md"));
    String begin = "```sql\n";
    int from = page.indexOf(begin) + begin.length();
    assertThat(from).isGreaterThan(begin.length());
    String script =
        page.substring(from, page.indexOf("```", from))
            .replace("'examples/", "'" + Sessions.ROOT + "/examples/");
    List<Row> rows = List.of();
    for (String statement : SqlStatements.of(spark, script)) {
      rows = spark.sql(statement).collectAsList();
    }
    assertThat(rows).hasSize(3);
    assertThat(rows)
        .allSatisfy(
            row -> assertThat(row.<String>getAs("response")).isEqualTo(row.getAs("expected")));
  }

  @Test
  void readsTablesAndFilesOfEveryFormat() throws Exception {
    spark.read().format("delta").load(questions).createOrReplaceTempView("questions");
    expect(
        2,
        2,
        reader()
            .option("table", "questions")
            .option("max_tokens", 1)
            .load()
            .where("id > 37")
            .select("completion"));

    Path json =
        Files.writeString(
            folder.resolve("chats.jsonl"),
            "{\"n\": 1, \"chat\": [{\"role\": \"user\", \"content\": \"How much is 2 + 3?\"}]}\n"
                + "{\"n\": 2, \"chat\": [{\"role\": \"emperor\", \"content\": \"x\"}]}\n");
    List<Row> chats =
        reader()
            .option("input_format", "json")
            .option("messagesCol", "chat")
            .load(json.toString())
            .orderBy("n")
            .selectExpr("completion.response", "completion.error_code")
            .collectAsList();
    assertThat(chats.get(0).getString(0)).isEqualTo("5");
    assertThat(chats.get(1).getString(1)).isEqualTo("invalid_conversation");

    Path csv =
        Files.writeString(
            folder.resolve("notes.csv"), "name;prompt\na;\"How much is\n2 + 2?\"\nb;\"x\"\n");
    expect(
        2,
        2,
        reader()
            .option("INPUT_FORMAT", "csv")
            .option("input.sep", ";")
            .option("max_tokens", 1)
            .load(csv.toString())
            .select("name", "completion"));
  }

  @Test
  void seesWhatIsAddedToADeltaTable() {
    String path = folder.resolve("growing").toString();
    spark.sql("SELECT 'x' AS prompt").write().format("delta").save(path);
    assertThat(reader().load(path).count()).isEqualTo(1);
    spark.sql("SELECT 'y' AS prompt").write().format("delta").mode("append").save(path);
    assertThat(reader().load(path).count()).isEqualTo(2);
  }

  @Test
  void explainStartsNoJobAndShowsNoPrompt() {
    // Parquet, since Delta reads its log by jobs of its own when a plan is optimized.
    String parquet = folder.resolve("explained").toString();
    spark.read().format("delta").load(questions).write().parquet(parquet);
    Dataset<Row> answers =
        reader()
            .option("developer_prompt", "be-secretive")
            .option("input_format", "parquet")
            .load(parquet);
    spark.sparkContext().setJobGroup("explained", "explained", false);
    String plan;
    try {
      Dataset<Row> sorted =
          answers.orderBy("kind").groupBy("kind").agg(functions.max("completion.response"));
      plan = sorted.queryExecution().toString();
      assertThat(spark.sparkContext().statusTracker().getJobIdsForGroup("explained")).isEmpty();
    } finally {
      spark.sparkContext().clearJobGroup();
    }
    assertThat(plan).contains("BatchGenerate gptoss_complete").doesNotContain("be-secretive");
  }

  private static void assertRefused(String message, DataFrameReader reader, String path) {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> (path == null ? reader.load() : reader.load(path)).schema())
        .withMessageContaining(message)
        .satisfies(
            e -> {
              assertThat(e.getMessage()).doesNotContain("\n");
              assertThat(e.getCondition()).startsWith("GPTOSS_INVALID_");
              assertThat(e.getSqlState()).isNotNull();
            });
  }

  @Test
  void wrongOptionsAreRefusedWhenTheFrameIsMade() {
    assertRefused("no input", reader(), null);
    assertRefused("both set", reader().option("table", "t"), questions);
    assertRefused(
        "did you mean 'input_format'", reader().option("input_fromat", "json"), questions);
    assertRefused("did you mean 'temperature'", reader().option("temprature", "1"), questions);
    assertRefused("temperature", reader().option("temperature", "hot"), questions);
    assertRefused("did you mean 'prompt'", reader().option("prompt_col", "promt"), questions);
    assertRefused("already has", reader().option("output_col", "kind"), questions);
    assertRefused("no such folder", reader().option("model", "/no/such/model"), questions);
    assertRefused(
        "knows its own format", reader().option("table", "t").option("input_format", "json"), null);
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> reader().load(questions, questions).schema())
        .withMessageContaining("one path");
  }

  @Test
  void refusesToBeWrittenAndSaysWhatToWriteWith() {
    for (String mode : List.of("append", "errorifexists")) {
      assertThatExceptionOfType(AnalysisException.class)
          .isThrownBy(
              () -> answers().write().format("gptoss").mode(mode).save(folder + "/written-" + mode))
          .withMessageContaining("read-only")
          .withMessageContaining("delta");
    }
  }

  @Test
  void writesIntoDeltaWhatItGenerates() {
    String path = folder.resolve("written").toString();
    answers().where("id < 6").write().format("delta").save(path);
    Dataset<Row> written = spark.read().format("delta").load(path);
    assertThat(written.select("id").distinct().count()).isEqualTo(6);
    assertThat(written.where("completion.error_code IS NULL").count()).isEqualTo(6);
    assertThat(written.where("id = 3").select("completion.response").as(Encoders.STRING()).head())
        .isEqualTo("4");
  }
}

package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.gptoss.cli.sql.SqlStatements;
import io.github.gptoss.examples.Classification;
import io.github.gptoss.examples.Evaluation;
import io.github.gptoss.examples.Extraction;
import io.github.gptoss.examples.FunctionCalling;
import io.github.gptoss.examples.Streaming;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs examples/ on the demo model: programs, SQL scripts, and the SQL of the notebooks. */
class ExamplesIT {
  private static final Path EXAMPLES = Sessions.ROOT.resolve("examples");
  private static final String TABLES = "/tmp/gptoss-example";
  private static final Pattern SPARK_SQL =
      Pattern.compile("spark\\.sql\\(\"\"\"(.*?)\"\"\"\\)", Pattern.DOTALL);

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

  @AfterEach
  void forget() {
    spark.catalog().clearCache();
    spark.conf().unset("spark.gptoss.model");
  }

  /** The results of a script's statements, in order. */
  private List<List<Row>> run(List<String> statements) {
    List<List<Row>> results = new ArrayList<>();
    for (String statement : statements) {
      results.add(spark.sql(statement.replace(TABLES, folder.toString())).collectAsList());
    }
    return results;
  }

  private List<List<Row>> runScript(String name) throws Exception {
    return run(SqlStatements.of(spark, Files.readString(EXAMPLES.resolve("sql/" + name))));
  }

  private static List<Row> last(List<List<Row>> results) {
    return results.get(results.size() - 1);
  }

  private static void assertRouted(List<Row> rows) {
    assertThat(rows)
        .extracting(row -> row.getAs("category"), row -> row.getAs("urgency"))
        .containsExactly(
            tuple("account", "high"),
            tuple("billing", "high"),
            tuple("shipping", "low"),
            tuple(null, null));
    assertThat(rows.get(3).<String>getAs("error_code")).isEqualTo("null_prompt");
  }

  private static void assertCities(List<Row> rows) {
    assertThat(rows)
        .extracting(row -> row.getAs("city"))
        .containsExactly("Rome", "Tokyo", "Houston");
  }

  private static void assertWeather(List<Row> rows, String... expected) {
    assertThat(rows).extracting(row -> row.getAs("response")).containsExactly((Object[]) expected);
  }

  @Test
  void theProgramsAnswer() throws Exception {
    assertRouted(Classification.run(spark, "demo").collectAsList());
    assertCities(Extraction.run(spark, "demo").collectAsList());
    assertWeather(
        FunctionCalling.run(spark, "demo").orderBy("id").collectAsList(),
        "It is 10 degrees and rainy in Munich.",
        "It is 0 degrees and windy in Prague.");
    List<Row> efforts = Evaluation.run(spark, "demo").collectAsList();
    assertThat(efforts).extracting(row -> row.getAs("effort")).containsExactly("low", "high");
    assertThat(efforts)
        .allSatisfy(row -> assertThat(row.<Double>getAs("is_right")).isGreaterThan(0.7));
    assertThat(efforts.get(1).<Double>getAs("tokens"))
        .isGreaterThan(efforts.get(0).<Double>getAs("tokens"));
  }

  @Test
  void theStreamTakesWhatIsNew() throws Exception {
    String input = folder.resolve("prompts").toString();
    String output = folder.resolve("answers").toString();
    for (String question : List.of("How much is 10 - 3?", "Capital of Peru?")) {
      spark
          .sql("SELECT '" + question + "' AS prompt")
          .write()
          .format("delta")
          .mode("append")
          .save(input);
      Streaming.run(spark, input, output, "demo");
    }
    Dataset<Row> answers = spark.read().format("delta").load(output);
    assertThat(answers.select("completion.response").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder("7", "Lima");
  }

  @Test
  void theScriptsAnswer() throws Exception {
    List<List<Row>> classified = runScript("classification.sql");
    assertRouted(classified.get(3));
    assertThat(last(classified)).hasSize(4);
    assertCities(last(runScript("extraction.sql")));
    assertWeather(
        last(runScript("function-calling.sql")),
        "It is 10 degrees and rainy in Munich.",
        "It is 0 degrees and windy in Prague.",
        "It is 36 degrees and sunny in Cairo.");
    List<List<Row>> evaluated = runScript("evaluation.sql");
    List<Row> efforts = evaluated.get(3);
    assertThat(efforts)
        .extracting(row -> row.getAs("effort"))
        .containsExactly("low", "medium", "high");
    assertThat(efforts).allSatisfy(row -> assertThat(row.<Long>getAs("is_right")).isGreaterThan(4));
    assertThat(last(runScript("incremental.sql"))).hasSize(1);
    assertThat(last(runScript("incremental.sql"))).hasSize(2);
  }

  /** Their SQL is that of the scripts, which run above. */
  @Test
  void theNotebooksAreSourcesOfDatabricks() throws Exception {
    List<String> scripts = new ArrayList<>();
    try (var files = Files.newDirectoryStream(EXAMPLES.resolve("sql"), "*.sql")) {
      for (Path file : files) {
        scripts.addAll(sql(Files.readString(file)));
      }
    }
    String notebook = Files.readString(EXAMPLES.resolve("notebooks/gptoss.sql"));
    assertThat(sql(notebook)).hasSize(19).isSubsetOf(scripts);
    for (String[] kind : new String[][] {{"py", "#"}, {"scala", "//"}, {"sql", "--"}}) {
      String source = Files.readString(EXAMPLES.resolve("notebooks/gptoss." + kind[0]));
      assertThat(source)
          .startsWith(kind[1] + " Databricks notebook source\n" + kind[1] + " MAGIC %md\n");
      assertThat(source.split("\n\n" + kind[1] + " COMMAND ----------\n\n")).hasSizeGreaterThan(20);
      List<String> cells =
          SPARK_SQL.matcher(source).results().map(cell -> cell.group(1).strip()).toList();
      assertThat(cells).hasSize(kind[0].equals("sql") ? 0 : 13).isSubsetOf(scripts);
    }
  }

  private static List<String> sql(String script) {
    return SqlStatements.of(spark, script).stream()
        .map(statement -> statement.replaceAll("(?m)^--.*\\R", "").strip())
        .toList();
  }
}

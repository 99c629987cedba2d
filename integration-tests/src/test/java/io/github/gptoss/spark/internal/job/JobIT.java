package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ModelFingerprint;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.weights.Models;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.ui.SQLExecutionUIData;
import org.apache.spark.sql.execution.ui.SQLPlanMetric;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** Runs the job in this session, over and over on one output. */
class JobIT {
  private static SparkSession spark;

  @TempDir Path folder;

  private String output;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  @BeforeEach
  void choose() {
    output = folder.resolve("out").toString();
  }

  private JobRun job(String input, String format, String... more) {
    return jobWith("demo", input, format, more);
  }

  private JobRun jobWith(String model, String input, String format, String... more) {
    return new JobRun(spec(model, input, format, more));
  }

  private JobSpec spec(String model, String input, String format, String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input, "--input-format", format, "--output", output));
    args.addAll(List.of("--model", model, "--max-tokens", "8"));
    args.addAll(List.of(more));
    return JobArguments.parse(args.toArray(new String[0])).spec();
  }

  private String dryRun(Path input, String... more) throws Exception {
    return new ObjectMapper()
        .writeValueAsString(new DryRun(spark, spec("demo", input.toString(), "json", more)).run());
  }

  private Path json(String... lines) throws Exception {
    return Files.write(folder.resolve("in.jsonl"), List.of(lines));
  }

  private static String line(Object id, String prompt) {
    return "{\"id\": %s, \"prompt\": %s}"
        .formatted(id, prompt == null ? null : "\"" + prompt + "\"");
  }

  private Dataset<Row> written() {
    return spark.read().format("delta").load(output);
  }

  private List<String> audits() throws Exception {
    return spark
        .sql("DESCRIBE HISTORY delta.`" + output + "`")
        .orderBy("version")
        .select("userMetadata")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private void assertRefused(JobRun run, String message) {
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> run.run(spark))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void batchAddsWhatTheOutputLacksAndLosesNoRowOfARepeatedId() throws Exception {
    Path input = json(line(1, "a"), line(2, "b"), line(2, "c"), line(null, "d"));
    JobSummary first = job(input.toString(), "json").run(spark);
    assertThat(first.rows()).isEqualTo(4);
    assertThat(first.duplicates()).isEqualTo(1);
    assertThat(first.skippedRows()).isZero();

    json(
        line(1, "a"),
        line(2, "b"),
        line(2, "c"),
        line(null, "d"), // those of before
        line(3, "e"),
        line(2, "f"),
        line(null, "g"));
    JobSummary second = job(input.toString(), "json").run(spark);
    assertThat(second.rows()).isEqualTo(3);
    assertThat(second.skippedRows()).isEqualTo(4);
    assertThat(written().selectExpr("prompt").as(Encoders.STRING()).collectAsList())
        .containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f", "g");

    JobSummary third = job(input.toString(), "json").run(spark);
    assertThat(third.rows()).isZero();
    assertThat(third.skippedRows()).isEqualTo(7);
    assertThat(audits()).hasSize(2);
    assertThat(Path.of(output, "_gptoss", "journal")).doesNotExist();
    assertThat(Path.of(output, "_gptoss", "reports")).isDirectoryContaining("glob:**.html");
  }

  @Test
  void theJobsPlanShowsTheOperatorWithItsFigures() throws Exception {
    job(json(line(1, "a"), line(2, "b")).toString(), "json").run(spark);
    List<SQLExecutionUIData> queries =
        CollectionConverters.asJava(
            ((org.apache.spark.sql.classic.SparkSession) spark)
                .sharedState()
                .statusStore()
                .executionsList());
    assertThat(queries)
        .filteredOn(query -> query.physicalPlanDescription().contains("BatchGenerate"))
        .isNotEmpty()
        .allSatisfy(
            query ->
                assertThat(CollectionConverters.asJava(query.metrics()))
                    .extracting(SQLPlanMetric::name)
                    .contains("rows completed", "output tokens", "time waiting for the engine"));
  }

  @Test
  void commitsSayWhichModelAlsoWhereOnlyExecutorsHaveIt() throws Exception {
    Path input = json(line(1, "a"));
    jobWith(
            Models.resolve("demo").toString(),
            input.toString(),
            "json",
            "--set",
            "model_copy=always",
            "--set",
            "model_cache_dir=" + folder.resolve("cache"))
        .run(spark);
    JsonNode audit = new ObjectMapper().readTree(audits().get(0)).get("gptoss");
    assertThat(audit.get("model").asText()).contains("#");
    assertThat(audit.get("model_fingerprint").asText()).isEqualTo(ModelFingerprint.of("demo"));
  }

  @Test
  void refusesWhatItCannotResume() throws Exception {
    Path input = Files.write(folder.resolve("x.jsonl"), List.of("{\"prompt\": \"a\"}"));
    job(input.toString(), "json").run(spark);
    assertRefused(job(input.toString(), "json"), "--id-col");
    assertRefused(job(input.toString(), "json", "--id-col", "no"), "--id-col");

    String foreign = folder.resolve("foreign").toString();
    spark.range(3).write().format("delta").save(foreign);
    output = foreign;
    assertRefused(job(input.toString(), "json"), "not written by this job");
    assertRefused(job(input.toString(), "json", "--retry-errors"), "--retry-errors");
  }

  @Test
  void streamingTakesNewRowsOnlyAndSaysInEachCommitHowItWasMade() throws Exception {
    String input = folder.resolve("in").toString();
    for (int i = 0; i < 3; i++) {
      spark
          .range(2L * i, 2L * i + 2)
          .selectExpr("id", "concat('How much is ', id, ' + 1?') AS prompt")
          .coalesce(1)
          .write()
          .format("delta")
          .mode("append")
          .save(input);
    }
    String[] args = {
      "--batch-files", "1", "--set", "developer_prompt=Keep the secret.", "--id-col", "id"
    };
    JobSummary first = job(input, "delta", args).run(spark);
    assertThat(first.rows()).isEqualTo(6);
    List<String> audits = audits();
    assertThat(audits).hasSize(3).allSatisfy(a -> assertThat(a).doesNotContain("secret"));
    JsonNode audit = new ObjectMapper().readTree(audits.get(2)).get("gptoss");
    assertThat(audit.get("run_id").asText()).isEqualTo(first.runId());
    assertThat(audit.get("mode").asText()).isEqualTo("streaming");
    assertThat(audit.get("model_fingerprint").asText()).hasSize(64);
    assertThat(audit.get("options").get("max_tokens").asText()).isEqualTo("8");
    assertThat(audit.get("options").get("developer_prompt").asText())
        .startsWith("16 characters, sha256 ");
    assertThat(audit.get("versions").get("spark").asText()).isEqualTo(spark.version());
    assertThat(audit.get("versions").get("delta").asText()).startsWith("4.");
    assertThat(audit.get("versions").get("gptoss-spark").asText()).contains("0.");

    spark
        .range(6, 7)
        .selectExpr("id", "'x' AS prompt")
        .write()
        .format("delta")
        .mode("append")
        .save(input);
    JobSummary second = job(input, "delta", args).run(spark);
    assertThat(second.rows()).isEqualTo(1);
    assertThat(second.skippedRows()).isEqualTo(6);
    assertThat(written().count()).isEqualTo(7);
    assertThat(written().select("id").distinct().count()).isEqualTo(7);
    assertThat(job(input, "delta", args).run(spark).rows()).isZero();
    assertThat(job(input, "delta", "--mode", "batch").run(spark).rows()).isZero();
  }

  @Test
  void aTornLineIsARowWhoseErrorSaysSo() throws Exception {
    String torn = "{\"id\": 3, \"prompt\": \"How mu";
    Path input = json(line(1, "a"), torn, line(2, null));
    for (String[] more : new String[][] {{}, {"--messages-col", "prompt"}}) {
      output = folder.resolve("out" + more.length).toString();
      JobSummary summary = job(input.toString(), "json", more).run(spark);
      assertThat(summary.rows()).isEqualTo(3);
      assertThat(summary.errorCodes()).containsEntry("invalid_json", 1L);
      Row failed = written().where("completion.error_code = 'invalid_json'").head();
      assertThat(failed.isNullAt(failed.fieldIndex("id"))).isTrue();
      assertThat(failed.<String>getAs("_corrupt_record")).isEqualTo(torn);
      assertThat(failed.<Row>getAs("completion").<String>getAs("error_message"))
          .contains("malformed JSON", "_corrupt_record")
          .doesNotContain("How mu");
    }
    output = folder.resolve("out0").toString();
    Row answered = written().where("id = 1").head();
    assertThat(answered.<Row>getAs("completion").<String>getAs("error_code")).isNull();
    Row empty = written().where("id = 2").head();
    assertThat(empty.<Row>getAs("completion").<String>getAs("error_code")).isEqualTo("null_prompt");
    JsonNode found = new ObjectMapper().readTree(dryRun(input));
    assertThat(found.get("errors").get("invalid_json").asLong()).isEqualTo(1);
    assertThat(job(input.toString(), "json", "--retry-errors").run(spark).errorCodes())
        .containsEntry("invalid_json", 1L);
  }

  @Test
  void aLineThatIsTornLaterDoesNotEndTheJob() throws Exception {
    job(json(line(1, "a")).toString(), "json").run(spark);
    JobSummary second =
        job(json(line(1, "a"), "{\"id\": 2", line(3, "b")).toString(), "json").run(spark);
    assertThat(second.errorCodes()).containsEntry("invalid_json", 1L);
    assertThat(written().count()).isEqualTo(3);
  }

  @Test
  void retriesFailedRowsOnlyAndLeavesTheOthersAlone() throws Exception {
    String longPrompt = "word ".repeat(300);
    Path input = json(line(1, "a"), line(2, longPrompt), line(2, longPrompt), line(3, null));
    JobSummary first = job(input.toString(), "json", "--set", "max_model_len=200").run(spark);
    assertThat(first.rows()).isEqualTo(4);
    assertThat(first.errors()).isEqualTo(3);
    assertThat(first.errorCodes())
        .containsEntry("context_length_exceeded", 2L)
        .containsEntry("null_prompt", 1L);

    JobSummary retried = job(input.toString(), "json", "--retry-errors").run(spark);
    assertThat(retried.rows()).isEqualTo(3);
    assertThat(retried.errors()).isEqualTo(1);
    assertThat(retried.skippedRows()).isEqualTo(1);
    assertThat(written().count()).isEqualTo(4);
    assertThat(written().where("completion.error_code IS NOT NULL").select("id").collectAsList())
        .extracting(row -> row.getLong(0))
        .containsExactly(3L);
    assertThat(audits()).hasSize(2);
  }

  @Test
  void rowsThatComeAfterARetryAreTaken() throws Exception {
    String input = folder.resolve("in").toString();
    for (int i = 0; i < 3; i++) {
      spark
          .range(i, i + 1)
          .selectExpr("id", "CAST(NULL AS STRING) AS prompt")
          .write()
          .format("delta")
          .mode("append")
          .save(input);
      assertThat(job(input, "delta").run(spark).rows()).isEqualTo(1);
      assertThat(job(input, "delta", "--retry-errors").run(spark).rows()).isEqualTo(i + 1);
    }
    assertThat(written().count()).isEqualTo(3);
  }

  @Test
  void newColumnsComeToATableThatIsThere() throws Exception {
    Path input = json(line(1, "a"));
    job(input.toString(), "json").run(spark);
    json("{\"id\": 2, \"prompt\": \"b\", \"more\": true}");
    job(input.toString(), "json", "--escalate-effort", "--set", "include_tokens=true").run(spark);
    Row added = written().where("id = 2").head();
    assertThat(added.<Boolean>getAs("more")).isTrue();
    assertThat(added.<String>getAs("completion_effort")).isNotNull();
    assertThat(added.<Row>getAs("completion").<Object>getAs("completion_tokens")).isNotNull();
  }

  @Test
  void stopsAJobOfWhichTooManyRowsFail() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      lines.add(line(i, i % 4 == 0 ? "a" : null));
    }
    Path input = json(lines.toArray(new String[0]));
    assertThatExceptionOfType(JobErrors.TooManyErrorsException.class)
        .isThrownBy(() -> job(input.toString(), "json", "--error-threshold", "0.5").run(spark))
        .withMessageContaining("--error-threshold 0.5")
        .withMessageContaining("--retry-errors");
    JobSummary allowed =
        job(input.toString(), "json", "--error-threshold", "0.75", "--output-mode", "overwrite")
            .run(spark);
    assertThat(allowed.errors()).isEqualTo(150);
    assertThat(allowed.deduplicatedRows()).isEqualTo(49);
  }

  @Test
  void escalatesTheEffortOfRowsWhoseAnswerWillNotDo() throws Exception {
    Path input = json(line(1, "How much is 1 + 1?"), line(2, null));
    JobSummary summary =
        job(
                input.toString(),
                "json",
                "--escalate-effort",
                "--reasoning-effort",
                "medium",
                "--set",
                "response_format={\"type\": \"json_object\"}")
            .run(spark);
    assertThat(summary.rows()).isEqualTo(2);
    assertThat(summary.errors()).isBetween(1L, 2L);
    assertThat(summary.escalatedRows()).isEqualTo(1);
    assertThat(summary.errorCodes()).containsEntry("null_prompt", 1L);
    Row last = written().where("id = 1").select("completion.*").head();
    assertThat(summary.finishReasons())
        .isEqualTo(Map.of("error", 1L, last.<String>getAs("finish_reason"), 1L));
    assertThat(summary.outputTokens())
        .isEqualTo(last.<Row>getAs("usage").<Integer>getAs("output_tokens").longValue());
    assertThat(written().orderBy("id").select("completion_effort").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("high", null);
  }

  @Test
  void aJournalThatCannotBeWrittenEndsTheJobUnlessItIsTurnedOff() throws Exception {
    Path input = json(line(1, "a"));
    Path keeper = Files.createDirectories(folder.resolve("keeper"));
    Files.writeString(keeper.resolve("journal"), "in the way");
    String[] there = {"--checkpoint", keeper.toString()};
    assertRefused(job(input.toString(), "json", there), "--journal off");
    assertThat(
            job(input.toString(), "json", "--checkpoint", keeper.toString(), "--journal", "off")
                .run(spark)
                .rows())
        .isEqualTo(1);
  }

  @Test
  void aDryRunWritesNothing() throws Exception {
    String shared = "The same long beginning of all these prompts, again and again. ".repeat(5);
    Path input =
        json(
            line(1, shared + "one"),
            line(2, shared + "two"),
            line(3, shared + "two"),
            line(4, "word ".repeat(600)),
            line(5, null));
    JsonNode found =
        new ObjectMapper().readTree(dryRun(input, "--dry-run", "--set", "max_model_len=300"));
    assertThat(found.get("rows").asLong()).isEqualTo(5);
    assertThat(found.get("over_long_rows").asLong()).isEqualTo(1);
    assertThat(found.get("errors").get("null_prompt").asLong()).isEqualTo(1);
    assertThat(found.get("duplicate_share").asDouble()).isEqualTo(0.25);
    assertThat(found.get("shared_prefix_share").asDouble()).isBetween(0.05, 0.9);
    assertThat(found.get("longest_prompt_tokens").asInt()).isGreaterThan(600);
    assertThat(found.get("sample").get("estimated_seconds").asDouble()).isNotNegative();
    assertThat(Path.of(output)).doesNotExist();
  }

  @Test
  void wrongArgumentsOfResumingAreRefused() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> job("in", "json", "--error-threshold", "7").run())
        .withMessageContaining("--error-threshold");
  }
}

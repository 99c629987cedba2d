package io.github.gptoss.spark.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.job.JobArguments;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluates the demo model, which knows sums and capitals. */
class EvaluationIT {
  private static SparkSession spark;

  @TempDir Path folder;

  private String said;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private ObjectNode evaluate(Path input, String output, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    String name = input.getFileName().toString();
    args.addAll(List.of("--input", input.toString(), "--input-format"));
    args.add(name.endsWith(".csv") ? "csv" : "json");
    args.addAll(List.of("--output", folder.resolve(output).toString(), "--model", "demo"));
    args.addAll(List.of(more));
    if (!args.contains("--max-tokens")) {
      args.addAll(List.of("--max-tokens", "120"));
    }
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    EvalRun run =
        EvalProgram.evaluation(
            JobArguments.parse(new EvalProgram().arguments(), args.toArray(new String[0])));
    ObjectNode found = run.run(spark, new PrintStream(err, true, StandardCharsets.UTF_8));
    said = err.toString(StandardCharsets.UTF_8);
    return found;
  }

  private static Path page(JsonNode found) {
    return Path.of(found.get("report").textValue().substring("file:".length()));
  }

  private Dataset<Row> results(String output) {
    return spark.read().format("delta").load(folder.resolve(output).toString());
  }

  private Path lines(String name, List<String> lines) throws Exception {
    return Files.write(folder.resolve(name), lines);
  }

  /** Sums, of which every fifth has a wrong key. */
  private Path sums(int problems) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < problems; i++) {
      int a = 1 + i % 19;
      int b = 2 + i * 7 % 17;
      lines.add(
          "{\"id\": \"s%d\", \"prompt\": \"What is %d + %d?\", \"key\": \"%d\", \"group\": \"%s\"}"
              .formatted(i, a, b, i % 5 == 0 ? a + b + 1 : a + b, i % 2 == 0 ? "even" : "odd"));
    }
    return lines("sums.jsonl", lines);
  }

  private static JsonNode score(JsonNode found, String effort, String group) {
    for (JsonNode score : found.get("scores")) {
      boolean isGroup =
          group == null
              ? score.get("group").isNull()
              : group.equals(score.get("group").textValue());
      if (isGroup && score.get("effort").textValue().equals(effort)) {
        return score;
      }
    }
    throw new AssertionError("no score of " + effort + " and " + group);
  }

  @Test
  void gradesSamplesOfATableAtEachEffortAndGoesOnWhereItWas() throws Exception {
    Path input = sums(6);
    ObjectNode found =
        evaluate(input, "out", "--grader", "integer", "--samples", "2", "--temperature", "0.2");
    assertThat(found.get("rows").asInt()).isEqualTo(6 * 2 * 3);
    Dataset<Row> rows = results("out");
    assertThat(rows.count()).isEqualTo(36);
    for (String effort : List.of("low", "medium", "high")) {
      JsonNode score = score(found, effort, null);
      // The same by hand.
      double right =
          rows.where("evaluation.effort = '" + effort + "' AND grade.correct").count() / 12.0;
      assertThat(score.get("pass_at1").asDouble()).isCloseTo(right, within(1e-12));
      assertThat(right).isBetween(0.5, 0.8);
      assertThat(score.at("/pass_at1_bootstrap/low").asDouble()).isLessThanOrEqualTo(right);
      assertThat(score.get("problems").asInt()).isEqualTo(6);
      assertThat(score.get("samples").asInt()).isEqualTo(12);
      assertThat(score(found, effort, "odd").get("problems").asInt()).isEqualTo(3);
      assertThat(score.get("output_tokens").asLong())
          .isEqualTo(
              rows.where("evaluation.effort = '" + effort + "'")
                  .selectExpr("sum(completion.usage.output_tokens)")
                  .as(Encoders.LONG())
                  .head());
    }
    assertThat(score(found, "high", null).get("output_tokens").asLong())
        .isGreaterThan(2 * score(found, "low", null).get("output_tokens").asLong());
    // Samples of a problem differ in their seeds, and efforts of a sample do not.
    assertThat(rows.select("evaluation.seed").distinct().count()).isEqualTo(12);
    assertThat(
            rows.selectExpr("completion.reasoning_effort = evaluation.effort").distinct().count())
        .isEqualTo(1);
    assertThat(said).contains("effort low: pass@1", "evaluation file:");
    String page = Files.readString(page(found));
    assertThat(page).contains("gptoss-spark evaluation", "Scores of groups", "even");

    assertThat(
            spark
                .sql("DESCRIBE HISTORY delta.`" + folder.resolve("out") + "`")
                .select("userMetadata")
                .as(Encoders.STRING())
                .head())
        .contains("\"benchmark\":\"table\"", "\"grader\":\"integer\"", "\"samples\":2");

    ObjectNode more =
        evaluate(input, "out", "--grader", "integer", "--samples", "3", "--temperature", "0.2");
    assertThat(more.get("rows").asInt()).isEqualTo(18);
    assertThat(more.get("skipped_rows").asInt()).isEqualTo(36);
    assertThat(score(more, "low", null).get("samples").asInt()).isEqualTo(18);
  }

  @Test
  void comparesWithABaseline() throws Exception {
    Path input = sums(6);
    evaluate(input, "base", "--grader", "integer", "--efforts", "low", "--temperature", "0");
    ObjectNode found =
        evaluate(
            input,
            "other",
            "--grader",
            "exact",
            "--efforts",
            "low,medium",
            "--temperature",
            "0",
            "--baseline",
            folder.resolve("base").toString());
    JsonNode differences = found.get("differences");
    assertThat(differences).hasSize(1);
    assertThat(differences.get(0).get("effort").textValue()).isEqualTo("low");
    assertThat(differences.get(0).get("problems").asInt()).isEqualTo(6);
    // A bare number is its own exact answer.
    assertThat(differences.get(0).get("difference").asDouble()).isZero();
    String no = folder.resolve("no").toString();
    spark.range(3).write().format("delta").save(no);
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> evaluate(input, "x", "--grader", "exact", "--baseline", no))
        .withMessageContaining("does not hold the results of an evaluation");
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void readsThePublishedShapes() throws Exception {
    Path gpqa =
        lines(
            "gpqa.csv",
            List.of(
                "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer"
                    + " 3,High-level domain,Record ID",
                "\"Which one flies, as they say\nof \"\"toys\"\"?\",kite,brick,anvil,stone,Toys,r1",
                "Which one swims?,cod,owl,mole,goat,Animals,r2"));
    evaluate(
        gpqa,
        "gpqa",
        "--set",
        "input.multiLine=true",
        "--set",
        "input.escape=\"",
        "--benchmark",
        "gpqa",
        "--samples",
        "24",
        "--efforts",
        "low",
        "--max-tokens",
        "2");
    assertThat(
            results("gpqa")
                .where("evaluation.problem = 'r1'")
                .select("question")
                .as(Encoders.STRING())
                .head())
        .isEqualTo("Which one flies, as they say\nof \"toys\"?");
    Map<String, Integer> letters = new HashMap<>();
    for (Row row :
        results("gpqa").select("options", "evaluation.key", "evaluation.problem").collectAsList()) {
      String right = row.getString(2).equals("r1") ? "kite" : "cod";
      List<String> options = row.getString(0).lines().toList();
      assertThat(options).hasSize(4).contains("(" + row.getString(1) + ") " + right);
      letters.merge(row.getString(1), 1, Integer::sum);
    }
    assertThat(letters).containsOnlyKeys("A", "B", "C", "D");
    assertThat(results("gpqa").select("evaluation.group").distinct().count()).isEqualTo(2);

    Path aime =
        lines("aime.jsonl", List.of("{\"question\": \"What is 3 + 4?\", \"answer\": \"7\"}"));
    ObjectNode ints =
        evaluate(aime, "aime", "--benchmark", "aime", "--samples", "2", "--max-tokens", "2");
    assertThat(score(ints, "low", null).get("samples").asInt()).isEqualTo(2);
    assertThat(score(ints, "low", null).get("truncated_share").asDouble()).isPositive();
    assertThat(Files.readString(page(ints))).contains("93.0", "38.8");

    Path mmlu =
        lines(
            "mmlu.jsonl",
            List.of(
                "{\"question\": \"1 + 1?\", \"choices\": [\"1\", \"2\", \"3\", \"4\"], \"answer\": 1,"
                    + " \"subject\": \"sums\"}"));
    evaluate(mmlu, "mmlu", "--benchmark", "mmlu", "--efforts", "low", "--max-tokens", "2");
    assertThat(results("mmlu").selectExpr("options", "evaluation.key").head().mkString("|"))
        .isEqualTo("(A) 1\n(B) 2\n(C) 3\n(D) 4|B");

    Path pro =
        lines(
            "pro.jsonl",
            List.of(
                "{\"question_id\": 70, \"question\": \"1 + 1?\", \"options\": [\"0\", \"1\", \"9\", \"8\","
                    + " \"7\", \"6\", \"5\", \"4\", \"3\", \"2\"], \"answer\": \"J\", \"category\":"
                    + " \"math\"}"));
    evaluate(pro, "pro", "--benchmark", "mmlu-pro", "--efforts", "low", "--max-tokens", "2");
    Row row = results("pro").selectExpr("options", "evaluation.key", "evaluation.id").head();
    assertThat(row.getString(0).lines().toList()).hasSize(10).last().isEqualTo("(J) 2");
    assertThat(row.getString(1)).isEqualTo("J");
    assertThat(row.getString(2)).isEqualTo("70/low/0");
  }

  /** The order of options depends on seed, problem and sample, not on how the table is read. */
  @Test
  void shufflesAlikeInEveryReading() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      lines.add(
          "{\"Question\": \"q%1$d\", \"Correct Answer\": \"a%1$d\", \"Incorrect Answer 1\": \"b\", \"Incorrect Answer 2\": \"c\", \"Incorrect Answer 3\": \"d\"}"
              .formatted(i));
    }
    Path input = lines("q.jsonl", lines);
    EvalSpec spec =
        new EvalSpec(
            Benchmark.GPQA,
            "choice",
            3,
            List.of("low"),
            5,
            new EvalSpec.GivenColumns(null, null, null, null),
            null,
            null,
            0.05);
    Dataset<Row> table = spark.read().json(input.toString());
    List<String> one = shuffled(Problems.samples(spec, table));
    List<String> other =
        shuffled(Problems.samples(spec, table.repartition(5).orderBy("Correct Answer")));
    assertThat(one).isEqualTo(other).hasSize(36).doesNotHaveDuplicates();
    EvalSpec reseeded =
        new EvalSpec(
            Benchmark.GPQA, "choice", 3, List.of("low"), 6, spec.columns(), null, null, 0.05);
    assertThat(shuffled(Problems.samples(reseeded, table))).isNotEqualTo(one);
  }

  private static List<String> shuffled(Dataset<Row> samples) {
    return samples
        .selectExpr("concat_ws('|', evaluation.id, options, evaluation.key, evaluation.seed)")
        .as(Encoders.STRING())
        .collectAsList()
        .stream()
        .sorted()
        .toList();
  }

  /** Sums that the model knows and sums that it does not, of which it is less sure. */
  private Path oddSums(int problems) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < problems; i++) {
      int a = 3 + i * 11 % (i % 2 == 0 ? 19 : 47);
      int b = 2 + i * 7 % (i % 2 == 0 ? 17 : 43);
      lines.add(
          "{\"id\": %d, \"prompt\": \"What is %d + %d?\", \"key\": %d}".formatted(i, a, b, a + b));
    }
    return lines("odd-sums.jsonl", lines);
  }

  /** What the labelled sample says of the cascade is what the cascade then does, to the token. */
  @Test
  void theCascadeDoesWhatTheThresholdsSay() throws Exception {
    Path input = oddSums(24);
    String[] asked = {
      "--grader", "numeric", "--set", "structured_outputs={\"choice\": [" + numbers() + "]}"
    };
    List<String> sample = new ArrayList<>(List.of(asked));
    sample.addAll(List.of("--target-accuracy", "0.05", "--delta", "0.1"));
    ObjectNode found = evaluate(input, "sample", sample.toArray(new String[0]));
    JsonNode thresholds = found.get("thresholds");
    assertThat(thresholds.get("problems").asInt()).isEqualTo(24);
    assertThat(thresholds.get("saved_tokens").asDouble()).isPositive();
    assertThat(said).contains("min_confidence", "of the generated tokens");
    assertThat(Files.readString(page(found)))
        .contains("Calibration, effort medium", "class=\"diagonal\"", "Threshold of the cascade");

    JsonNode step = null;
    for (JsonNode each : thresholds.get("steps")) {
      if (each.get("asked_again").asDouble() > 0.1 && each.get("asked_again").asDouble() < 0.9) {
        step = each;
      }
    }
    assertThat(step).as("a threshold that parts the rows, of %s", thresholds).isNotNull();
    List<String> cascade = new ArrayList<>(List.of(asked));
    cascade.addAll(List.of("--efforts", "low", "--escalate-effort"));
    cascade.addAll(List.of("--set", "min_confidence=" + step.get("min_confidence").asDouble()));
    JsonNode did = score(evaluate(input, "cascade", cascade.toArray(new String[0])), "low", null);
    assertThat(did.get("pass_at1").asDouble())
        .isCloseTo(step.get("accuracy").asDouble(), within(1e-12));
    assertThat(did.get("output_tokens").asLong())
        .isEqualTo(Math.round(24 * step.get("tokens_per_problem").asDouble()));
  }

  private static String numbers() {
    return IntStream.range(0, 100).mapToObj(i -> "\"" + i + "\"").collect(Collectors.joining(", "));
  }

  /** What a toy says as a judge is chance, but it is a verdict. */
  @Test
  void judgesWithTheModelItself() throws Exception {
    ObjectNode found =
        evaluate(
            sums(6),
            "out",
            "--efforts",
            "low",
            "--grader",
            "{\"type\": \"judge\", \"rubric\": \"Right if the number is.\", \"verdicts\": {\"right\":"
                + " 1, \"half\": 0.5, \"wrong\": 0}, \"reasoning_effort\": \"low\"}",
            "--question-col",
            "prompt",
            "--token-budget",
            "1000000");
    assertThat(found.get("spent_tokens").asLong())
        .isEqualTo(
            results("out")
                .selectExpr("sum(completion.usage.total_tokens + judgement.usage.total_tokens)")
                .as(Encoders.LONG())
                .head());
    for (Row row :
        results("out")
            .select(
                "grade.extracted",
                "grade.score",
                "grade.correct",
                "judgement.response",
                "grade.parsed")
            .collectAsList()) {
      assertThat(row.getString(0)).isIn("right", "half", "wrong").isEqualTo(row.getString(3));
      assertThat(row.getDouble(1))
          .isEqualTo(Map.of("right", 1.0, "half", 0.5, "wrong", 0.0).get(row.getString(0)));
      assertThat(row.getBoolean(2)).isEqualTo(row.getString(0).equals("right"));
      assertThat(row.getBoolean(4)).isTrue();
    }
    assertThat(score(found, "low", null).get("samples").asInt()).isEqualTo(6);
  }

  @Test
  void rowsThatCannotBeGradedAreInNoScore() throws Exception {
    Path input =
        lines(
            "odd.jsonl",
            List.of(
                "{\"id\": 1, \"prompt\": \"What is 1 + 1?\", \"key\": \"two\"}",
                "{\"id\": 2, \"prompt\": \"What is 1 + 1?\", \"key\": null}",
                "{\"id\": 3, \"prompt\": null, \"key\": \"2\"}"));
    ObjectNode found =
        evaluate(input, "out", "--grader", "integer", "--efforts", "low", "--temperature", "0");
    JsonNode score = score(found, "low", null);
    assertThat(score.get("ungraded").asInt()).isEqualTo(2);
    assertThat(score.get("samples").asInt()).isEqualTo(1);
    assertThat(score.get("pass_at1").asDouble()).isZero();
    assertThat(score.get("error_share").asDouble()).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(said).contains("2 samples could not be graded");
    assertThat(
            results("out")
                .orderBy("id")
                .select("grade.error")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly(
            "the key is none that grader integer knows: it must be an integer",
            "the row has no key",
            null);

    // The same rows again, failed ones only: grades go with their completions.
    ObjectNode again =
        evaluate(
            input,
            "out",
            "--grader",
            "integer",
            "--efforts",
            "low",
            "--temperature",
            "0",
            "--retry-errors");
    assertThat(again.get("rows").asInt()).isEqualTo(1);
    assertThat(results("out").count()).isEqualTo(3);
  }
}

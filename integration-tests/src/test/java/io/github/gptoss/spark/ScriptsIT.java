package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.job.JobCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the scripts as somebody at a terminal would, in processes of their own. */
class ScriptsIT {
  private static SparkSession spark;

  @TempDir static Path folder;

  private record Ended(int code, List<String> out, String err) {}

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static Ended run(String script, String... args) throws Exception {
    return run(Sessions.ROOT.resolve("bin").resolve(script), args);
  }

  private static Ended run(Path script, String... args) throws Exception {
    return run(Map.of(), script, args);
  }

  private static Ended run(Map<String, String> environment, Path script, String... args)
      throws Exception {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    List<String> command = new ArrayList<>();
    command.add(script.toString());
    command.addAll(List.of(args));
    ProcessBuilder process =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    process.environment().putAll(environment);
    int code = process.start().waitFor();
    return new Ended(code, Files.readAllLines(out), Files.readString(err));
  }

  private static Ended submit(List<String> sparkOptions, List<String> jobArguments)
      throws Exception {
    return submit(GptOssJob.class, sparkOptions, jobArguments);
  }

  private static Ended submit(Class<?> main, List<String> sparkOptions, List<String> arguments)
      throws Exception {
    List<String> args = new ArrayList<>(sparkOptions);
    args.addAll(
        List.of(
            "--conf",
            "spark.ui.enabled=false",
            "--class",
            main.getName(),
            Sessions.connectorJar()));
    args.addAll(arguments);
    return run("spark-submit", args.toArray(new String[0]));
  }

  /** Runs the job with each of these arguments in turn, all in one process. */
  private static List<Ended> submitAll(List<String> sparkOptions, List<List<String>> calls)
      throws Exception {
    Path classes =
        Path.of(JobCalls.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> options = new ArrayList<>(sparkOptions);
    options.addAll(List.of("--driver-class-path", classes.toString()));
    List<String> arguments = new ArrayList<>();
    for (List<String> call : calls) {
      if (!arguments.isEmpty()) {
        arguments.add(JobCalls.THEN);
      }
      arguments.addAll(call);
    }
    Ended all = submit(JobCalls.class, options, arguments);
    assertThat(all.code).as(all.err).isZero();
    String out = String.join("\n", all.out) + "\n";
    List<MatchResult> codes = JobCalls.END.matcher(out).results().toList();
    String[] outs = JobCalls.END.split(out, -1);
    String[] errs = JobCalls.END.split(all.err, -1);
    // After the last call's end the process may still say something.
    assertThat(codes).as(all.err).hasSameSizeAs(calls);
    assertThat(errs).hasSize(calls.size() + 1);
    assertThat(outs[calls.size()]).isEmpty();
    errs[calls.size() - 1] += errs[calls.size()];
    List<Ended> ended = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      int code = Integer.parseInt(codes.get(i).group(1));
      ended.add(new Ended(code, outs[i].lines().toList(), errs[i]));
    }
    return ended;
  }

  private static List<String> jobArguments(
      String input, String format, String output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--input", input, "--input-format", format, "--output", output, "--model", "demo"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** Three rows of every task and effort. */
  private static Dataset<Row> sample() {
    return Sessions.demoPrompts(spark).where("id RLIKE '-00[123]$'");
  }

  private static Map<String, Row> completions(String path) {
    Map<String, Row> byId = new TreeMap<>();
    for (Row row :
        spark
            .read()
            .format("delta")
            .load(path)
            .selectExpr(
                "id",
                "completion.response",
                "completion.reasoning",
                "to_json(completion.tool_calls)",
                // CSV cannot tell an empty string from none.
                "coalesce(expected_response, '')",
                "coalesce(expected_reasoning, '')")
            .collectAsList()) {
      byId.put(row.getString(0), row);
      assertThat(row.getString(1)).as(row.getString(0)).isEqualTo(row.getString(4));
      assertThat(row.getString(2)).as(row.getString(0)).isEqualTo(row.getString(5));
    }
    return byId;
  }

  @Test
  void theQuickstartAnswersAllAndShowsSome() throws Exception {
    // Everything is built; a file of this checkout may be newer than the jar all the same.
    Files.setLastModifiedTime(Path.of(Sessions.connectorJar()), FileTime.from(Instant.now()));
    Path output = folder.resolve("quickstart");
    Ended ended =
        run(
            Map.of("QUICKSTART_OUTPUT", output.toString()),
            Sessions.ROOT.resolve("bin/quickstart"));
    assertThat(ended.code).as(ended.err).isZero();
    assertThat(spark.read().format("delta").load(output + "/answers").count()).isEqualTo(480);
    assertThat(String.join("\n", ended.out))
        .contains("get_weather", output + "/answers", "bin/spark-sql -e")
        .containsPattern("(?s)arithmetic.*capital.*ticket.*weather")
        .containsPattern(
            "billing +high +(1.00|0.[0-9]{2}) +Why was my card charged 7 dollars. I need this today.");
    assertThat(ended.err).contains("Completing examples/data").doesNotContain("Building");
  }

  /** What Spark's launcher wants to be started in another environment is. */
  @Test
  void theDriverTakesWhatSparkTakes() throws Exception {
    Path conf = Files.createDirectories(folder.resolve("conf"));
    Files.writeString(
        conf.resolve("spark-defaults.conf"),
        "spark.driver.memory 777m\nspark.driver.extraJavaOptions -Dmine='a b'\n"
            + "spark.sql.catalogImplementation in-memory\n");
    Ended ended =
        run(
            Map.of("SPARK_CONF_DIR", conf.toString()),
            Sessions.ROOT.resolve("bin/spark-sql"),
            "--conf",
            "spark.ui.enabled=false",
            "--driver-library-path",
            folder.toString(),
            "-e",
            "SELECT reflect('java.lang.System', 'getProperty', 'mine'),"
                + " reflect('java.lang.System', 'getenv', 'LD_LIBRARY_PATH')");
    assertThat(ended.code).as(ended.err).isZero();
    assertThat(ended.out).singleElement().asString().startsWith("a b\t" + folder);
  }

  /** Two executors and other partitions complete every conversation to the reference's tokens. */
  @Test
  void aClusterGivesTheSameCompletions() throws Exception {
    String input = folder.resolve("in-cluster").toString();
    Sessions.demoPrompts(spark)
        .withColumnRenamed("completion_tokens", "expected_tokens")
        .repartition(7)
        .write()
        .parquet(input);
    String output = folder.resolve("out-cluster").toString();
    Ended ended =
        submit(
            List.of("--master", "local-cluster[2,1,1024]"),
            jobArguments(
                input,
                "parquet",
                output,
                "--messages-col",
                "messages",
                "--set",
                "include_tokens=true"));
    assertThat(ended.code).as(ended.err).isZero();
    assertThat(completions(output)).hasSize(480);
    Dataset<Row> answers = spark.read().format("delta").load(output);
    assertThat(answers.count()).isEqualTo(480);
    assertThat(answers.where("completion.completion_tokens <=> expected_tokens").count())
        .isEqualTo(480);
  }

  @Test
  void theJobReadsEveryFormat() throws Exception {
    Dataset<Row> sample = sample();
    long rows = sample.count();
    Map<String, String> inputs = new TreeMap<>();
    for (String format : List.of("json", "csv", "parquet", "delta")) {
      String path = folder.resolve("in-" + format).toString();
      Dataset<Row> table =
          sample.repartition(1).select("id", "messages", "expected_response", "expected_reasoning");
      var writer =
          format.equals("csv")
              ? table
                  .write()
                  .option("header", "true")
                  .option("escape", "\"")
                  .option("emptyValue", "")
              : table.write();
      writer.format(format).save(path);
      inputs.put(format, path);
    }
    List<List<String>> calls = new ArrayList<>();
    inputs.forEach(
        (format, path) ->
            calls.add(
                jobArguments(
                    path, format, output(format), "--messages-col", "messages", "--id-col", "id")));
    List<Ended> runs = submitAll(List.of(), calls);
    Map<String, Row> expected = null;
    for (String format : inputs.keySet()) {
      String output = output(format);
      Ended ended = runs.remove(0);
      assertThat(ended.code).as(ended.err).isZero();
      JsonNode summary = new ObjectMapper().readTree(ended.out.get(ended.out.size() - 1));
      assertThat(summary.get("rows").asLong()).isEqualTo(rows);
      assertThat(summary.get("errors").asLong()).isZero();
      assertThat(summary.get("duplicates").asLong()).isZero();
      assertThat(summary.get("resumed_rows").asLong()).isZero();
      assertThat(summary.get("seconds").asDouble()).isPositive();
      assertThat(summary.get("output_tokens").asLong()).isPositive();
      assertThat(ended.err).contains("Delta table " + output);
      assertThat(ended.err).doesNotContain("How much is");

      Map<String, Row> completions = completions(output);
      assertThat(completions).hasSize((int) rows);
      if (expected == null) {
        expected = completions;
      }
      assertThat(completions).as(format).isEqualTo(expected);
    }
  }

  private static String output(String format) {
    return folder.resolve("out-" + format).toString();
  }

  @Test
  void theJobEndsWith2AndOneLineForWhatIsWrong() throws Exception {
    Path input = Files.writeString(folder.resolve("one.jsonl"), "{\"id\": 1, \"prompt\": \"x\"}\n");
    List<String> good = jobArguments(input.toString(), "json", folder.resolve("never").toString());
    List<Ended> refused =
        submitAll(
            List.of("--master", "local[1]"),
            List.of(
                with(good, "--prompt-col", "promt"),
                with(good, "--id-col", "key"),
                with(good, "--input", folder.resolve("no-such-file").toString()),
                with(good, "--model", Files.createDirectories(folder.resolve("m")).toString())));
    assertRefused("did you mean 'prompt'?", refused.get(0));
    assertRefused("--id-col", refused.get(1));
    assertRefused("no-such-file", refused.get(2));
    assertRefused("folder is empty", refused.get(3));
    assertThat(folder.resolve("never")).doesNotExist();
    assertRefused(
        "max_position_embeddings",
        submit(
            List.of("--master", "local-cluster[1,1,1024]"),
            with(good, "--set", "max_model_len=1000000")));
    // What fails on executors fails after the writer began: its report is there, and no commit.
    Path log = folder.resolve("never/_delta_log");
    assertThat(log.toFile().list((where, name) -> name.endsWith(".json"))).isEmpty();
  }

  private static List<String> with(List<String> arguments, String name, String value) {
    List<String> changed = new ArrayList<>(arguments);
    int at = changed.indexOf(name);
    if (at < 0) {
      changed.addAll(List.of(name, value));
    } else {
      changed.set(at + 1, value);
    }
    return changed;
  }

  private static void assertRefused(String message, Ended ended) {
    assertThat(ended.code).as(ended.err).isEqualTo(2);
    assertThat(ended.out).isEmpty();
    assertThat(ended.err.lines().filter(l -> l.startsWith("error: ")))
        .singleElement()
        .asString()
        .contains(message);
    assertThat(ended.err).doesNotContain("\tat ");
  }

  /**
   * Delta's parser refuses parameters on Spark 4.1 and later, unless conf/ says how to bind them.
   */
  @Test
  void theSqlPromptBindsParameters() throws Exception {
    Ended ended =
        run(
            "spark-sql",
            "--master",
            "local[1]",
            "--conf",
            "spark.ui.enabled=false",
            "-e",
            "SET spark.gptoss.model = demo;"
                + " EXECUTE IMMEDIATE \"SELECT gptoss_text(?, reasoning_effort => 'low')\""
                + " USING 'How much is 2 + 3?'");
    assertThat(ended.code).as(ended.err).isZero();
    assertThat(ended.out).last().asString().contains("5");
  }

  @Test
  void theSqlPromptRunsStatementsOnDelta() throws Exception {
    String table = "delta.`" + folder.resolve("sql") + "`";
    Ended ended =
        run(
            "spark-sql",
            "--master",
            "local[1]",
            "--conf",
            "spark.ui.enabled=false",
            "-e",
            "CREATE TABLE "
                + table
                + " USING delta AS SELECT 1 AS id, 'a;b' AS t; -- two; columns\n"
                + "SELECT *, DATE'1500-03-01' - INTERVAL 1 DAY FROM "
                + table);
    assertThat(ended.code).as(ended.err).isZero();
    assertThat(ended.out).containsExactly("1\ta;b\t1500-02-28");

    Path script = folder.resolve("script.sql");
    Files.writeString(
        script,
        """
        BEGIN
          DECLARE r STRING;
          SET r = (SELECT 'x');
          SELECT r;
        END;
        SELECT 2;
        """);
    Ended scripted = run("spark-sql", "--master", "local[1]", "-f", script.toString());
    assertThat(scripted.code).as(scripted.err).isZero();
    assertThat(scripted.out).containsExactly("x", "2");

    Ended wrong = run("spark-sql", "--master", "local[1]", "-e", "SELECT nothing_like_it");
    assertThat(wrong.code).isEqualTo(1);
    assertThat(wrong.err).contains("nothing_like_it");

    Path link =
        Files.createSymbolicLink(
            folder.resolve("linked"), Sessions.ROOT.resolve("bin").resolve("spark-sql"));
    Ended unknown = run(link, "oops");
    assertThat(unknown.code).isEqualTo(2);
    assertThat(unknown.err).contains("unexpected argument 'oops'");
  }
}

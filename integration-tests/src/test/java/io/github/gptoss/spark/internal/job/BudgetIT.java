package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets of queries and jobs, and completions that they share. */
class BudgetIT {
  private static final int ROWS = 40;

  /** Of a prompt and its completion, at most. */
  private static final int ROW_TOKENS = 100;

  /** The row that is begun with what is left last, and what the others were estimated too low. */
  private static final int EXCESS = 2 * ROW_TOKENS;

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

  private static Dataset<Row> rows(String options) {
    return spark.sql(
        ("SELECT c.* FROM (SELECT gptoss_generate(concat('Say ', id), model => 'demo',"
                + " max_tokens => 6, %s) AS c FROM range(0, %d, 1, 2))")
            .formatted(options, ROWS));
  }

  private Path input() throws Exception {
    return input("in.jsonl", 0, ROWS);
  }

  private Path input(String name, int from, int to) throws Exception {
    List<String> lines =
        IntStream.range(from, to)
            .mapToObj(i -> "{\"id\": %d, \"prompt\": \"Say %d\"}".formatted(i, i))
            .toList();
    return Files.write(folder.resolve(name), lines);
  }

  private JobSpec job(String output, String... more) throws Exception {
    return job(input(), output, more);
  }

  private JobSpec job(Path input, String output, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input.toString(), "--input-format", "json"));
    args.addAll(List.of("--output", folder.resolve(output).toString()));
    args.addAll(List.of("--model", "demo", "--max-tokens", "6"));
    args.addAll(List.of(more));
    return JobArguments.parse(args.toArray(new String[0])).spec();
  }

  private static JobSummary run(JobSpec job) throws Exception {
    return new JobRun(job).run(spark);
  }

  private Dataset<Row> output(String name) {
    return spark.read().format("delta").load(folder.resolve(name).toString());
  }

  private static long tokens(Dataset<Row> completions) {
    return completions
        .where("error_code IS NULL")
        .agg(org.apache.spark.sql.functions.sum("usage.total_tokens"))
        .head()
        .getLong(0);
  }

  @Test
  void aQueryStopsWhereItsTokensAreSpent() {
    Dataset<Row> query = rows("token_budget => 700").persist();
    try {
      assertThat(query.count()).isEqualTo(ROWS);
      assertThat(tokens(query)).isBetween(700L, 700L + EXCESS);
      Dataset<Row> left = query.where("error_code IS NOT NULL");
      assertThat(left.count()).isBetween(1L, ROWS - 700L / ROW_TOKENS);
      assertThat(left.where("error_code <> 'budget_exceeded' OR usage.total_tokens > 0").count())
          .isZero();
      assertThat(left.head().<String>getAs("error_message"))
          .startsWith("token_budget of 700 tokens is spent (")
          .contains("had not begun")
          .doesNotContain("\n");
    } finally {
      query.unpersist();
    }
  }

  @Test
  void everyQueryHasItsOwnBudget() {
    Dataset<Row> query = rows("token_budget => 300, deduplicate => false");
    assertThat(query.where("error_code IS NULL").count()).isPositive();
    assertThat(query.where("error_code IS NULL").count()).isPositive();
  }

  @Test
  void theBudgetOfTheConfigurationHoldsForFramesToo() {
    spark.conf().set("spark.gptoss.token_budget", "300");
    try {
      Dataset<Row> prompts = spark.range(0, ROWS, 1, 2).selectExpr("concat('Say ', id) AS prompt");
      Dataset<Row> query =
          GptOss.complete(prompts, Sessions.demo().maxTokens(6)).selectExpr("completion.*");
      assertThat(tokens(query)).isBetween(300L, 300L + EXCESS);
    } finally {
      spark.conf().unset("spark.gptoss.token_budget");
    }
  }

  @Test
  void rowsOfAQueryWhoseTimeIsOverAreLeft() {
    // Two rows at a time, and one that waits in the engine.
    spark.conf().set("spark.gptoss.max_num_seqs", "2");
    try {
      Dataset<Row> left =
          rows("time_budget => '1ms'").where("error_message LIKE 'time_budget is over%'");
      assertThat(left.count()).isBetween(ROWS / 2L, (long) ROWS);
      assertThat(rows("time_budget => '10m'").where("error_code IS NULL").count()).isEqualTo(ROWS);
    } finally {
      spark.conf().unset("spark.gptoss.max_num_seqs");
    }
  }

  @Test
  void callsThatAreMadeRowByRowHaveABudgetToo() {
    Dataset<Row> query =
        spark.sql(
            "SELECT transform(array('a', 'b', 'c', 'd'), x -> gptoss_generate(x, model => 'demo',"
                + " max_tokens => 6, token_budget => 80).error_code) AS codes FROM range(0, 2, 1,"
                + " 1)");
    List<String> codes =
        query.collectAsList().stream().flatMap(row -> row.<String>getList(0).stream()).toList();
    assertThat(codes).hasSize(8).contains((String) null).endsWith("budget_exceeded");
  }

  @Test
  void executorsOfAClusterShareOneBudget() throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    String ours =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Path.of(entry).startsWith(Sessions.ROOT))
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder driver =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Sessions.ROOT.resolve("conf/spark-java.args"),
                "-Xmx1g",
                "-Dlog4j2.configurationFile=" + Sessions.ROOT.resolve("conf/log4j2.properties"),
                "-cp",
                System.getProperty("java.class.path"),
                BudgetCluster.class.getName(),
                ours,
                "1500")
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Path spark = Sessions.ROOT.resolve("integration-tests/target/spark");
    driver
        .environment()
        .putAll(Map.of("SPARK_HOME", spark.toString(), "SPARK_SCALA_VERSION", "2.13"));
    assertThat(driver.start().waitFor()).as(Files.readString(err)).isZero();
    Matcher parts =
        Pattern.compile("PART \\d rows 40 left (\\d+) tokens (\\d+)")
            .matcher(Files.readString(out));
    int executors = 0;
    long left = 0;
    long tokens = 0;
    while (parts.find()) {
      executors++;
      left += Long.parseLong(parts.group(1));
      tokens += Long.parseLong(parts.group(2));
    }
    assertThat(executors).isEqualTo(2);
    assertThat(left).isPositive();
    assertThat(tokens).isBetween(1500L, 1500L + 2 * EXCESS);
  }

  @Test
  void theNextRunOfAJobGoesOnWhereTheBudgetEndedTheFirst() throws Exception {
    JobSummary whole = run(job("whole"));
    assertThat(whole.leftRows()).isZero();
    JobSummary first =
        run(
            job(
                "out",
                "--token-budget",
                "700",
                "--error-threshold",
                "0.1",
                "--error-threshold-rows",
                "1"));
    assertThat(first.rows()).isEqualTo(ROWS);
    assertThat(first.spentTokens()).isBetween(700L, 700L + EXCESS);
    assertThat(first.leftRows()).isPositive().isEqualTo(first.errors());
    assertThat(output("out").where("completion.error_code = 'budget_exceeded'").count())
        .isEqualTo(first.leftRows());

    JobSummary second = run(job("out", "--token-budget", "100000"));
    assertThat(second.rows()).isEqualTo(first.leftRows());
    assertThat(second.skippedRows()).isEqualTo(ROWS - first.leftRows());
    assertThat(second.leftRows()).isZero();
    assertThat(first.spentTokens() + second.spentTokens()).isEqualTo(whole.spentTokens());
    assertThat(output("out").where("completion.error_code IS NULL").count()).isEqualTo(ROWS);
    assertThat(
            output("out")
                .selectExpr("id", "completion.response")
                .except(output("whole").selectExpr("id", "completion.response"))
                .count())
        .isZero();

    JobSummary third = run(job("out"));
    assertThat(third.rows()).isZero();
    assertThat(third.skippedRows()).isEqualTo(ROWS);
  }

  @Test
  void leftRowsThatAnotherInputLacksAreNotCountedAmongItsOwn() throws Exception {
    JobSummary first = run(job("out", "--token-budget", "700"));
    assertThat(first.leftRows()).isPositive();
    long leftAmongShared =
        output("out").where("id >= 35 AND completion.error_code IS NOT NULL").count();
    // Five of its fifteen rows are rows of the first input.
    JobSummary second = run(job(input("more.jsonl", ROWS - 5, ROWS + 10), "out"));
    assertThat(second.rows()).isEqualTo(first.leftRows() + 10);
    assertThat(second.skippedRows()).isEqualTo(5 - leftAmongShared);
    assertThat(output("out").where("completion.error_code IS NULL").count()).isEqualTo(ROWS + 10);
  }

  @Test
  void aChangedInputStopsTheJobBeforeLeftRowsTakeOfTheBudget() throws Exception {
    JobSummary first = run(job("out", "--token-budget", "700"));
    String changed = Files.readString(input()).replace("Say ", "Whisper ");
    Path input = Files.writeString(folder.resolve("changed.jsonl"), changed);
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> run(job(input, "out", "--on-change", "fail")))
        .withMessageContaining("has changed");
    assertThat(output("out").where("completion.error_code = 'budget_exceeded'").count())
        .isEqualTo(first.leftRows());
  }

  @Test
  void aStreamingJobWithoutIdsGoesOnToo() throws Exception {
    String table = folder.resolve("table").toString();
    spark
        .read()
        .json(input().toString())
        .selectExpr("prompt")
        .repartition(4)
        .write()
        .format("delta")
        .save(table);
    String[] args = {
      "--input",
      table,
      "--input-format",
      "delta",
      "--output",
      folder.resolve("out").toString(),
      "--model",
      "demo",
      "--max-tokens",
      "6",
      "--batch-files",
      "1",
      "--token-budget",
      "700"
    };
    JobSummary first = run(JobArguments.parse(args).spec());
    // Some of four batches, which have one budget.
    assertThat(first.rows()).isEqualTo(ROWS);
    assertThat(first.spentTokens()).isBetween(700L, 700L + EXCESS);
    assertThat(first.leftRows()).isBetween(1L, ROWS - 700L / ROW_TOKENS);
    assertThat(output("out").where("completion.error_code = 'budget_exceeded'").count())
        .isEqualTo(first.leftRows());
    args[args.length - 1] = "100000";
    spark.sql("INSERT INTO delta.`" + table + "` VALUES ('Say more')");
    JobSummary second = run(JobArguments.parse(args).spec());
    assertThat(second.rows()).isEqualTo(first.leftRows() + 1);
    assertThat(second.skippedRows()).isEqualTo(ROWS - first.leftRows());
    assertThat(second.leftRows()).isZero();
    assertThat(output("out").where("completion.error_code IS NULL").count()).isEqualTo(ROWS + 1);
  }

  @Test
  void aDryRunSaysWhetherTheBudgetSuffices() throws Exception {
    DryRun.Figures found = new DryRun(spark, job("out", "--token-budget", "700")).run();
    assertThat(found.sample().estimatedTokens())
        .isBetween(found.inputTokens() + ROWS, found.inputTokens() + 6L * ROWS);
    assertThat(found.budget()).isEqualTo(new DryRun.Figures.BudgetCheck(700L, null, false));
    found = new DryRun(spark, job("out", "--token-budget", "100000", "--time-budget", "1h")).run();
    assertThat(found.budget()).isEqualTo(new DryRun.Figures.BudgetCheck(100_000L, 3600.0, true));
    assertThat(new DryRun(spark, job("out")).run().budget()).isNull();
  }

  @Test
  void anotherJobIsAnsweredFromTheCompletionCache() throws Exception {
    String cache = folder.resolve("cache").toString();
    JobSummary first = run(job("first", "--completion-cache", cache));
    assertThat(first.cachedRows()).isZero();
    // What comes from the cache costs nothing.
    JobSummary second = run(job("second", "--completion-cache", cache, "--token-budget", "1"));
    assertThat(second.cachedRows()).isEqualTo(ROWS);
    assertThat(second.leftRows()).isZero();
    assertThat(second.spentTokens()).isZero();
    assertThat(second.outputTokens()).isEqualTo(first.outputTokens());
    assertThat(second.cachedTokens()).isEqualTo(second.inputTokens() + second.outputTokens());
    String isFound = "completion.usage.cached_tokens = completion.usage.input_tokens";
    assertThat(output("second").where(isFound).count()).isEqualTo(ROWS);
    assertThat(output("first").where(isFound).count()).isZero();
    assertThat(
            output("first")
                .selectExpr("id", "completion.response")
                .except(output("second").selectExpr("id", "completion.response"))
                .count())
        .isZero();
    assertThat(rows("completion_cache => '" + cache + "', token_budget => 1"))
        .satisfies(query -> assertThat(query.where("error_code IS NULL").count()).isEqualTo(ROWS));
    // Other requests are not answered from it.
    JobSummary other =
        run(job("other", "--completion-cache", cache, "--min-p", "0.5", "--temperature", "1"));
    assertThat(other.cachedRows()).isZero();
  }

  @Test
  void damagedSegmentsOfTheCacheAreReportedAndRemovedOnesAreNot() throws Exception {
    Path cache = folder.resolve("cache");
    run(job("first", "--completion-cache", cache.toString()));
    // Another cache takes the place of this one, which is then written and closed.
    run(job("between", "--completion-cache", folder.resolve("another").toString()));
    assertThat(segments(cache)).hasSize(1);
    Path damaged = segments(cache).get(0);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    Files.deleteIfExists(cache.resolve("." + damaged.getFileName() + ".crc"));
    JobSummary second = run(job("second", "--completion-cache", cache.toString()));
    assertThat(second.skippedSegments()).isEqualTo(1);
    assertThat(second.errors()).isZero();
    assertThat(second.cachedRows()).isZero();
    assertThat(second.rows()).isEqualTo(ROWS);
    for (Path segment : segments(cache)) {
      Files.delete(segment);
    }
    JobSummary third = run(job("third", "--completion-cache", cache.toString()));
    assertThat(third.skippedSegments()).isZero();
    assertThat(third.cachedRows()).isZero();
    assertThat(third.errors()).isZero();
    assertThat(third.rows()).isEqualTo(ROWS);
  }

  private static List<Path> segments(Path cache) throws Exception {
    try (Stream<Path> files = Files.list(cache)) {
      return files.filter(file -> file.toString().endsWith(".arrow")).toList();
    }
  }

  @Test
  void whatIsNoCacheIsRefusedAtOnce() throws Exception {
    assertRefused("nosuch://host/folder", "cannot be read and written");
    assertRefused(input().toString(), "is a file");
    String table = folder.resolve("table").toString();
    spark.range(1).write().format("delta").save(table);
    assertRefused(table, "is a Delta table");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private void assertRefused(String cache, String message) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> run(job("out", "--completion-cache", cache)))
        .withMessageContaining("completion_cache '" + cache + "'")
        .withMessageContaining(message);
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> rows("completion_cache => '" + cache + "'"))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getCondition()).isEqualTo("GPTOSS_INVALID_OPTION"));
  }

  @Test
  void budgetsThatAreNoneAreRefusedAtOnce() {
    for (String option :
        List.of("token_budget => 0", "token_budget => -1", "time_budget => '-5m'")) {
      assertThatExceptionOfType(AnalysisException.class)
          .isThrownBy(() -> rows(option))
          .withMessageContaining("it must be")
          .satisfies(e -> assertThat(e.getCondition()).isEqualTo("GPTOSS_INVALID_OPTION"));
    }
  }
}

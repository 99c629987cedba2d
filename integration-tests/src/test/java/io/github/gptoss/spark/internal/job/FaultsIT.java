package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.engine.FaultPlugin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults at random times in processes of their own. After each the job is started again until it is
 * done, and has to have written what an undisturbed run writes, each row once and bit for bit.
 *
 * <p>One of each kind by default; {@code -Dfault.series=full} runs all. {@code -Dfault.rows=N}
 * takes larger jobs, {@code -Dfault.seed=S} other times. What was generated twice is written to
 * {@code target/faults.txt}.
 */
class FaultsIT {
  private static final boolean FULL = System.getProperty("fault.series", "").equals("full");
  private static final long SEED = Long.getLong("fault.seed", 1);
  private static final int ROWS = Integer.getInteger("fault.rows", 120);
  private static final int FILES = 8;

  /**
   * A journal gives a row what an equal one was answered, so that fewer tokens would be generated
   * than in the undisturbed run.
   */
  private static final String DISTINCT_MESSAGES =
      "IF(round = 0, messages, regexp_replace(messages, '(\"text\": ?\")', concat('$1 ', round, '."
          + " '))) AS messages";

  private static final long TIMEOUT_SECONDS = 600;
  private static final int MOST_JITTER_MILLIS = 300;

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Path input;
  private static Dataset<Row> undisturbed;

  /** Tokens of all rows. */
  private static long tokens;

  private static long writtenBytes;

  private static final Map<String, List<Double>> TWICE = new TreeMap<>();

  @BeforeAll
  static void runUndisturbed() throws Exception {
    spark = Sessions.local();
    input = folder.resolve("in");
    Dataset<Row> prompts = Sessions.demoPrompts(spark);
    long distinct = prompts.count();
    spark
        .range(0, (ROWS + distinct - 1) / distinct)
        .withColumnRenamed("id", "round")
        .crossJoin(prompts)
        .orderBy("round", "id")
        .limit(ROWS)
        .selectExpr("concat(id, '/', round) AS id", DISTINCT_MESSAGES)
        .repartition(FILES)
        .write()
        .format("delta")
        .save(input.toString());
    Path output = folder.resolve("undisturbed");
    JobSummary summary = here(output, "batch");
    tokens = summary.outputTokens();
    assertThat(summary.generatedTokens()).isEqualTo(tokens);
    assertThat(spark.read().format("delta").load(input.toString()).select("messages").distinct())
        .extracting(Dataset::count)
        .isEqualTo((long) ROWS);
    undisturbed = comparable(output).cache();
    assertThat(undisturbed.count()).isEqualTo(ROWS);
    writtenBytes = bytes(output);
  }

  @AfterAll
  static void report() throws IOException {
    spark.stop();
    Engines.close();
    List<String> lines = new ArrayList<>();
    lines.add("%d rows, %d tokens a job, seed %d".formatted(ROWS, tokens, SEED));
    TWICE.forEach(
        (fault, shares) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s x %d: %.2f %% of the tokens generated twice (mean), %.2f %% (most)",
                    fault,
                    shares.size(),
                    100 * shares.stream().mapToDouble(share -> share).average().orElse(0),
                    100 * shares.stream().mapToDouble(share -> share).max().orElse(0))));
    Files.write(Sessions.ROOT.resolve("integration-tests/target/faults.txt"), lines);
  }

  private static JobSummary here(Path output, String mode) throws Exception {
    List<String> arguments = FaultyRun.arguments(input, output, mode);
    return new JobRun(JobArguments.parse(arguments.toArray(new String[0])).spec()).run(spark);
  }

  /** All that does not depend on what else was in a batch. */
  private static Dataset<Row> comparable(Path output) {
    return spark
        .read()
        .format("delta")
        .load(output.toString())
        .selectExpr(
            "id",
            "completion.prompt_tokens",
            "completion.completion_tokens",
            "completion.response",
            "completion.reasoning",
            "to_json(completion.tool_calls) AS tool_calls",
            "completion.finish_reason",
            "completion.usage.input_tokens",
            "completion.usage.output_tokens",
            "completion.usage.reasoning_tokens",
            "completion.error_code");
  }

  private static long bytes(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static IntStream cases(int few, int all) {
    return IntStream.range(0, FULL ? all : few);
  }

  static IntStream driverKills() {
    return cases(1, 20);
  }

  static IntStream executorKills() {
    return cases(1, 20);
  }

  static IntStream truncations() {
    return cases(1, 50);
  }

  static IntStream engineDeaths() {
    return cases(1, 20);
  }

  private static Random random(String fault, int number) {
    return new Random(SEED * 31 + fault.hashCode() * 1009L + number);
  }

  private static FaultyRun run(String fault, int number, String mode) throws IOException {
    Path own = Files.createDirectories(folder.resolve(fault + "-" + number));
    return new FaultyRun(own, input, mode);
  }

  /** Until this share of the job's tokens is there, and a moment longer. */
  private static void await(FaultyRun run, Process process, double share, Random random)
      throws Exception {
    while (process.isAlive() && run.generatedTokens() < share * tokens) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_JITTER_MILLIS));
  }

  private static int end(Process process, FaultyRun run) throws Exception {
    assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as(run.errors()).isTrue();
    return process.exitValue();
  }

  private static void kill(Process process) throws Exception {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  private static void assertDone(String fault, FaultyRun run) throws Exception {
    assertWhole(run.output());
    assertThat(run.segments()).isEmpty();
    double twice = (double) (run.generatedTokens() - tokens) / tokens;
    TWICE.computeIfAbsent(fault, name -> new ArrayList<>()).add(Math.max(0, twice));
  }

  private static void assertWhole(Path output) {
    Dataset<Row> written = comparable(output).cache();
    try {
      assertThat(written.count()).isEqualTo(ROWS);
      assertThat(written.select("id").distinct().count()).isEqualTo(ROWS);
      assertThat(written.exceptAll(undisturbed).collectAsList()).isEmpty();
    } finally {
      written.unpersist();
    }
  }

  private static JsonNode summary(FaultyRun run) throws Exception {
    return new ObjectMapper().readTree(run.lastLine());
  }

  @ParameterizedTest
  @MethodSource("driverKills")
  void aKilledDriverLosesNothing(int number) throws Exception {
    Random random = random("driver", number);
    FaultyRun run = run("driver", number, number % 2 == 0 ? "batch" : "streaming");
    Process doomed = run.startLocal(Map.of());
    await(run, doomed, random.nextDouble(), random);
    assertThat(doomed.isAlive()).as(run.errors()).isTrue();
    kill(doomed);

    assertThat(end(run.startLocal(Map.of()), run)).as(run.errors()).isZero();
    assertDone("driver killed", run);
  }

  @ParameterizedTest
  @MethodSource("executorKills")
  void aKilledExecutorLosesNothing(int number) throws Exception {
    Random random = random("executor", number);
    FaultyRun run = run("executor", number, number % 2 == 0 ? "streaming" : "batch");
    Process driver = run.startCluster(Map.of());
    await(run, driver, 0.9 * random.nextDouble(), random);
    List<ProcessHandle> executors = executors(driver);
    assertThat(executors).as(run.errors()).isNotEmpty();
    executors.get(random.nextInt(executors.size())).destroyForcibly();

    assertThat(end(driver, run)).as(run.errors()).isZero();
    assertDone("executor killed", run);
  }

  private static List<ProcessHandle> executors(Process driver) {
    return driver
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("java"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("engineDeaths")
  void aDeadEngineLosesNothing(int number) throws Exception {
    Random random = random("engine", number);
    FaultyRun run = run("engine", number, number % 4 < 2 ? "batch" : "streaming");
    boolean cluster = number % 2 == 0;
    long at = (long) ((cluster ? 0.4 : 0.9) * random.nextDouble() * tokens);
    Map<String, String> fault = Map.of(FaultPlugin.DIE_AT_TOKENS, Long.toString(at));
    Process process = cluster ? run.startCluster(fault) : run.startLocal(fault);
    int code = end(process, run);
    assertThat(run.anEngineDied()).isTrue();
    if (cluster) {
      assertThat(code).as("Spark replaces the executor\n" + run.errors()).isZero();
    } else {
      assertThat(code).as(run.errors()).isEqualTo(1);
      assertThat(run.errors()).contains("the engine failed", "device lost");
      assertThat(end(run.startLocal(Map.of()), run)).as(run.errors()).isZero();
    }
    assertDone("engine dead", run);
  }

  @ParameterizedTest
  @MethodSource("truncations")
  void aTruncatedJournalCostsItsOwnRowsOnly(int number) throws Exception {
    Random random = random("journal", number);
    Path output = folder.resolve("journal-" + number);
    FaultyRun killed = Killed.ONE.run;
    copy(killed.output(), output);
    List<Path> segments = killed.segments();
    Path torn = segments.get(random.nextInt(segments.size()));
    Path copied = output.resolve(killed.output().relativize(torn));
    try (FileChannel channel = FileChannel.open(copied, StandardOpenOption.WRITE)) {
      channel.truncate(random.nextLong(channel.size()));
    }

    JobSummary summary = here(output, "batch");
    assertThat(summary.skippedSegments()).isEqualTo(1);
    assertThat(summary.rows()).isEqualTo(ROWS);
    assertThat(summary.resumedRows()).isPositive();
    assertWhole(output);
  }

  /** A job whose driver was killed when it had kept some of its completions. */
  private static final class Killed {
    static final Killed ONE = new Killed();

    final FaultyRun run;

    private Killed() {
      try {
        run = run("journal", -1, "batch");
        Process doomed = run.startLocal(Map.of());
        while (doomed.isAlive() && run.segments().size() < 3) {
          TimeUnit.MILLISECONDS.sleep(20);
        }
        kill(doomed);
        assertThat(run.segments()).as(run.errors()).hasSizeGreaterThanOrEqualTo(3);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(
          file -> {
            try {
              Files.copy(file, to.resolve(from.relativize(file).toString()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  @Test
  void aFullDiskFailsTheRunAndLosesNothing() throws Exception {
    Random random = random("disk", 0);
    FaultyRun run = run("disk", 0, "batch");
    Map<String, String> full =
        Map.of(
            "spark.hadoop.fs.file.impl", FullDisk.class.getName(),
            "spark.hadoop.it.disk.path", run.output().toString(),
            "spark.hadoop.it.disk.bytes", Long.toString(random.nextLong(writtenBytes)));
    assertThat(end(run.startLocal(full), run)).as(run.errors()).isEqualTo(1);
    assertThat(run.errors()).contains("No space left on device");

    assertThat(end(run.startLocal(Map.of()), run)).as(run.errors()).isZero();
    assertThat(summary(run).get("rows").asLong()).isEqualTo(ROWS);
    assertDone("disk full", run);
  }
}

package io.github.gptoss.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.GptOssJob;
import io.github.gptoss.spark.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver in a process of its own, killed while it generates, and started again. */
class JobKillIT {
  private static final int ROWS = 40;

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private Process submit(Path out, String mode) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Sessions.ROOT.resolve("bin/spark-submit").toString());
    command.addAll(List.of("--master", "local[1]", "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--class", GptOssJob.class.getName(), jar()));
    command.addAll(List.of("--input", folder.resolve("in").toString(), "--input-format", "delta"));
    command.addAll(List.of("--output", folder.resolve("out").toString(), "--mode", mode));
    command.addAll(List.of("--model", "demo", "--messages-col", "messages", "--id-col", "id"));
    // Few at a time, so that completions come one after another.
    command.addAll(List.of("--journal-seconds", "1", "--set", "max_num_seqs=2"));
    return new ProcessBuilder(command)
        .redirectOutput(out.toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private static String jar() throws IOException {
    try (var jars =
        Files.newDirectoryStream(Sessions.ROOT.resolve("connector/target"), "gptoss-spark-*.jar")) {
      return jars.iterator().next().toString();
    }
  }

  private long segments() throws IOException {
    Path journal = folder.resolve("out/_gptoss/journal");
    if (!Files.exists(journal)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(journal)) {
      return files.filter(file -> file.toString().endsWith(".arrow")).count();
    }
  }

  private void killAfterSomeSegments(Process driver) throws Exception {
    Instant end = Instant.now().plus(Duration.ofMinutes(3));
    while (segments() < 2) {
      assertThat(driver.isAlive()).as(Files.readString(folder.resolve("err"))).isTrue();
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(20);
    }
    driver.descendants().forEach(ProcessHandle::destroyForcibly);
    driver.destroyForcibly().waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "streaming"})
  void aKilledDriverLosesNothingAndGeneratesLittleTwice(String mode) throws Exception {
    Dataset<Row> sample = Sessions.demoPrompts(spark).limit(ROWS);
    sample
        .select("id", "messages", "expected_response")
        .write()
        .format("delta")
        .save(folder.resolve("in").toString());
    Path out = folder.resolve("stdout");
    killAfterSomeSegments(submit(out, mode));

    Process again = submit(out, mode);
    assertThat(again.waitFor()).as(Files.readString(folder.resolve("err"))).isZero();
    List<String> lines = Files.readAllLines(out);
    JsonNode summary = new ObjectMapper().readTree(lines.get(lines.size() - 1));
    assertThat(summary.get("rows").asLong()).isEqualTo(ROWS);
    assertThat(summary.get("resumed_rows").asLong()).isPositive();
    assertThat(summary.get("generated_tokens").asLong())
        .isLessThan(summary.get("output_tokens").asLong());
    Dataset<Row> written = spark.read().format("delta").load(folder.resolve("out").toString());
    assertThat(written.count()).isEqualTo(ROWS);
    assertThat(written.select("id").distinct().count()).isEqualTo(ROWS);
    assertThat(written.where("completion.response <=> expected_response").count()).isEqualTo(ROWS);
    assertThat(segments()).isZero();
  }
}

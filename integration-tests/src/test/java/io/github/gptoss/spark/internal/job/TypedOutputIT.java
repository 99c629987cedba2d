package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job's table whose answers have a type. */
class TypedOutputIT {
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

  private JobSummary run(String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input().toString(), "--input-format", "json"));
    args.addAll(List.of("--output", output(), "--model", "demo", "--id-col", "id"));
    args.addAll(List.of("--set", "response_format=struct<urgency:tinyint not null>"));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }

  private Path input() {
    return folder.resolve("in.jsonl");
  }

  private String output() {
    return folder.resolve("out").toString();
  }

  private Dataset<Row> table() {
    return spark.read().format("delta").load(output());
  }

  @Test
  void growsAndIsMendedWithItsType() throws Exception {
    Files.writeString(input(), "{\"id\": 1, \"prompt\": \"Charged twice\"}\n");
    JobSummary cut = run("--max-tokens", "10", "--max-reasoning-tokens", "0");
    assertThat(cut.errors()).isEqualTo(1);
    assertThat(table().where("completion.error_code = 'incomplete_answer'").count()).isEqualTo(1);
    Files.writeString(input(), "{\"id\": 2, \"prompt\": \"Lost\"}\n", StandardOpenOption.APPEND);
    run("--max-tokens", "200", "--max-reasoning-tokens", "16");
    run("--retry-errors", "--max-tokens", "200", "--max-reasoning-tokens", "16");
    assertThat(table().select("completion.parsed").schema().fields()[0].dataType().catalogString())
        .isEqualTo("struct<urgency:tinyint>");
    assertThat(table().where("completion.parsed.urgency BETWEEN -128 AND 127").count())
        .isEqualTo(2);

    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> run("--set", "parsed_type=string"))
        .withMessageContaining("parsed_type")
        .withMessageContaining("struct<urgency:tinyint>");
  }
}

package io.github.gptoss.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.call.ResolvedCall;
import io.github.gptoss.spark.job.JobCommand.InputFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobInputIT {
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

  private static Dataset<Row> read(Path input, InputFormat format) throws Exception {
    JobCommand job = new JobCommand();
    job.input = input.toString();
    job.inputFormat = format;
    return JobInput.read(spark, job, ResolvedCall.of(spark, Sessions.demo().toMap()).options());
  }

  private static void assertRefused(Path input, InputFormat format, String... message) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> read(input, format))
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(message)
                    .contains(input.toString())
                    .doesNotContain("\n", "secret"));
  }

  @Test
  void refusesInputWithoutColumns() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty"));
    assertRefused(empty, InputFormat.json, "no columns", "one object a line");
    assertRefused(empty, InputFormat.csv, "no columns", "first line");
    Path emptyFolder = Files.createDirectory(folder.resolve("folder"));
    for (InputFormat format : new InputFormat[] {InputFormat.json, InputFormat.csv}) {
      assertRefused(emptyFolder, format, "no columns");
    }
    assertRefused(emptyFolder, InputFormat.parquet, "no columns", "table with a column");
  }

  @ParameterizedTest
  @EnumSource(InputFormat.class)
  void refusesInputThatIsNotThere(InputFormat format) {
    assertRefused(folder.resolve("nowhere"), format, "--input", "does not exist");
  }

  @Test
  void refusesAFolderThatIsNoDeltaTable() throws Exception {
    Path plain = Files.createDirectory(folder.resolve("plain"));
    Files.writeString(plain.resolve("a.json"), "{}");
    assertRefused(plain, InputFormat.delta, "not a Delta table");
  }

  @Test
  void refusesInputOfAnotherFormatWithoutQuotingIt() throws Exception {
    Path pretty = Files.writeString(folder.resolve("pretty"), "{\n  \"prompt\": \"secret\"\n}\n");
    assertRefused(pretty, InputFormat.json, "not JSON lines");
    assertRefused(pretty, InputFormat.parquet, "not Parquet");
    Path noHeader = Files.writeString(folder.resolve("lines"), "1,secret question\n2,another\n");
    assertRefused(noHeader, InputFormat.csv, "no column 'prompt' among the 2", "first line");
  }

  @Test
  void countsRowsThatRepeatAnId() {
    Dataset<Row> table =
        spark.sql("SELECT * FROM VALUES ('a'), ('b'), ('a'), (NULL), (NULL), ('a') AS t(`the id`)");
    assertThat(JobCounts.of(table, "the id")).isEqualTo(new JobCounts(6, 2));
    assertThat(JobCounts.of(table, null)).isEqualTo(new JobCounts(6, 0));
  }
}

package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobInputIT {
  private static final List<String> SAID = new ArrayList<>();

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

  private static Dataset<Row> read(String format, String path, String... reader) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < reader.length; i += 2) {
      options.put(reader[i], reader[i + 1]);
    }
    return JobInput.read(
        spark,
        new JobSpec.Input(format, path, null, options),
        ResolvedCall.of(spark, Sessions.demo().toMap()).options(),
        SAID::add);
  }

  private static void assertRefused(Path input, String format, String... message) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> read(format, input.toString()))
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(message)
                    .contains(input.toString())
                    .doesNotContain("\n", "secret"));
  }

  private static List<String> prompts(Dataset<Row> table) {
    return table.select("prompt").as(Encoders.STRING()).collectAsList();
  }

  @Test
  void refusesInputWithoutColumns() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty"));
    assertRefused(empty, "json", "no columns", "one object a line");
    assertRefused(empty, "csv", "no columns", "first line");
    Path emptyFolder = Files.createDirectory(folder.resolve("folder"));
    assertRefused(emptyFolder, "json", "no columns");
    assertRefused(emptyFolder, "csv", "no columns");
    assertRefused(emptyFolder, "parquet", "no columns", "table with a column");
    assertRefused(emptyFolder, "ORC", "no columns", "table with a column");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "csv", "parquet", "delta", "orc", "text"})
  void refusesInputThatIsNotThere(String format) {
    assertRefused(folder.resolve("nowhere"), format, "--input", "does not exist");
  }

  @Test
  void refusesAFolderThatIsNoDeltaTable() throws Exception {
    Path plain = Files.createDirectory(folder.resolve("plain"));
    Files.writeString(plain.resolve("a.json"), "{}");
    assertRefused(plain, "delta", "not a Delta table");
  }

  @Test
  void refusesInputOfAnotherFormatWithoutQuotingIt() throws Exception {
    Path pretty = Files.writeString(folder.resolve("pretty"), "{\n  \"prompt\": \"secret\"\n}\n");
    assertRefused(pretty, "json", "not JSON lines", "--set input.multiLine=true");
    assertRefused(pretty, "parquet", "not Parquet");
    Path noHeader = Files.writeString(folder.resolve("lines"), "1,secret question\n2,another\n");
    assertRefused(noHeader, "csv", "no column 'prompt' among the 2", "first line");
  }

  @Test
  void refusesASourceThatIsNotThereWithAHint() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> read("parqet", folder.toString()))
        .withMessageContaining("--input-format 'parqet'")
        .withMessageEndingWith("did you mean 'parquet'?");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> read("no.such.source", folder.toString()))
        .withMessageContaining("no source that Spark knows")
        .withMessageContaining("--packages");
  }

  @Test
  void refusesATableThatIsNotThere() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                JobInput.read(
                    spark,
                    new JobSpec.Input(null, null, "default.no_such_table", Map.of()),
                    ResolvedCall.of(spark, Sessions.demo().toMap()).options(),
                    SAID::add))
        .withMessageContaining("--input-table 'default.no_such_table' does not exist");
  }

  @Test
  void readsAnySourceWithItsReadersOptions() throws Exception {
    String orc = folder.resolve("orc").toString();
    spark.sql("SELECT 'a' AS prompt").write().orc(orc);
    assertThat(prompts(read("orc", orc))).containsExactly("a");
    Path xml = folder.resolve("x.xml");
    Files.writeString(xml, "<rows><r><prompt>a</prompt></r><r><prompt>b</prompt></r></rows>");
    assertThat(prompts(read("xml", xml.toString(), "rowTag", "r"))).containsExactly("a", "b");
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, "prompt;x\nü;1\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(prompts(read("csv", latin.toString(), "sep", ";", "encoding", "ISO-8859-1")))
        .containsExactly("ü");
    assertThat(
            read("openai-batch", Sessions.ROOT.resolve("examples/data/openai-batch.jsonl") + "")
                .columns())
        .contains("request");
    assertThatExceptionOfType(Exception.class)
        .as("the source is asked, and misses its own options")
        .isThrownBy(() -> read("jdbc", null, "dbtable", "t"))
        .withMessageContaining("url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"prompt\": \"a\"}, {\"prompt\": \"b\"}]",
        "\n\n [\n  {\"prompt\": \"a\"},\n  {\"prompt\": \"b\"}\n]\n",
        "[{\"prompt\": \"a\"},\n{\"prompt\": \"b\"}]",
        "[{\n\"prompt\": \"a\"\n},{\n\"prompt\": \"b\"\n}]",
        "[{\"prompt\": \"a\"}]\n[{\"prompt\": \"b\"}]",
        "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}"
      })
  void readsJsonAsLinesOrAsOneArray(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("array.json"), text);
    SAID.clear();
    Dataset<Row> table = read("json", file.toString());
    assertThat(table.columns()).containsExactly("prompt");
    assertThat(prompts(table)).containsExactly("a", "b");
    boolean isOverLines =
        text.strip().startsWith("[") && !text.lines().toList().get(0).endsWith("]");
    assertThat(SAID).hasSize(isOverLines ? 1 : 0);
  }

  @Test
  void countsRowsThatRepeatAnId() {
    Dataset<Row> table =
        spark.sql("SELECT * FROM VALUES ('a'), ('b'), ('a'), (NULL), (NULL), ('a') AS t(`the id`)");
    IdColumn id = IdColumn.find(table.schema(), "the id", false);
    assertThat(JobInput.Counts.of(table, id)).isEqualTo(new JobInput.Counts(6, 2));
    assertThat(JobInput.Counts.of(table, null)).isEqualTo(new JobInput.Counts(6, 0));
  }
}

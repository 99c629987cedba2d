package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Where jobs read from and write to: tables of a catalog, names of columns. */
class JobTablesIT {
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

  @BeforeEach
  void makeDatabase() {
    spark.sql("DROP DATABASE IF EXISTS jobs CASCADE");
    spark.sql("CREATE DATABASE jobs LOCATION '" + folder.resolve("warehouse") + "'");
  }

  @AfterEach
  void dropDatabase() {
    spark.sql("DROP DATABASE IF EXISTS jobs CASCADE");
  }

  private static JobSummary run(String... args) throws Exception {
    List<String> all = new ArrayList<>(List.of(args));
    if (!all.contains("--model")) {
      all.addAll(List.of("--model", "demo"));
    }
    all.addAll(List.of("--max-tokens", "4"));
    return new JobRun(JobArguments.parse(all.toArray(new String[0])).spec()).run(spark);
  }

  private static void assertRefused(String message, String... args) {
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> run(args))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  private static void insert(String values) {
    spark.sql("INSERT INTO jobs.prompts VALUES " + values);
  }

  private String state() {
    return folder.resolve("state").toString();
  }

  @Test
  void goesFromATableToAManagedTableByTheirNames() throws Exception {
    spark.sql("CREATE TABLE jobs.prompts (id BIGINT, prompt STRING) USING delta");
    insert("(1, 'a'), (2, NULL)");
    String[] byName = {"--input-table", "jobs.prompts", "--output-table", "jobs.answers"};
    assertRefused("--checkpoint", byName);
    assertThat(spark.catalog().tableExists("jobs.answers")).isFalse();
    String[] args = {
      "--input-table",
      "jobs.prompts",
      "--output-table",
      "spark_catalog.jobs.answers",
      "--checkpoint",
      state()
    };
    JobSummary first = run(args);
    assertThat(first.rows()).isEqualTo(2);
    assertThat(first.errors()).isEqualTo(1);
    assertThat(spark.catalog().getTable("jobs.answers").tableType()).isEqualTo("MANAGED");
    assertThat(run(args).rows()).isZero();
    insert("(3, 'c')");
    assertThat(run(args).rows()).isEqualTo(1);
    assertThat(Path.of(state(), "checkpoint")).isDirectory();
    spark.sql("UPDATE jobs.prompts SET prompt = 'b' WHERE id = 2");
    insert("(4, 'd')");
    String[] complete = new String[args.length + 2];
    System.arraycopy(args, 0, complete, 0, args.length);
    complete[args.length] = "--on-change";
    complete[args.length + 1] = "complete";
    assertThat(run(complete).rows()).isEqualTo(2);
    assertThat(spark.table("jobs.answers").where("completion.error_code IS NULL").count())
        .isEqualTo(4);
    assertThat(
            spark
                .sql("DESCRIBE HISTORY jobs.answers")
                .where("userMetadata NOT LIKE '%run_id%' OR userMetadata IS NULL")
                .select("version", "operation", "operationParameters")
                .collectAsList())
        .isEmpty();
  }

  @Test
  void retriesTheErrorsOfATableByItsName() throws Exception {
    Path input = Files.writeString(folder.resolve("in.jsonl"), "{\"id\": 1, \"prompt\": null}\n");
    String[] args = {
      "--input",
      input.toString(),
      "--input-format",
      "json",
      "--output-table",
      "jobs.answers",
      "--checkpoint",
      state(),
      "--retry-errors=false"
    };
    assertThat(run(args).errors()).isEqualTo(1);
    args[args.length - 1] = "--retry-errors";
    assertThat(run(args).rows()).isEqualTo(1);
    assertThat(spark.table("jobs.answers").count()).isEqualTo(1);
  }

  @Test
  void keepsItsStateInAnExternalTable() throws Exception {
    Path input = Files.writeString(folder.resolve("in.jsonl"), "{\"id\": 1, \"prompt\": \"a\"}\n");
    Path place = folder.resolve("external");
    spark.sql(
        "CREATE TABLE jobs.answers (id BIGINT, prompt STRING) USING delta LOCATION '"
            + place
            + "'");
    String[] args = {
      "--input",
      input.toString(),
      "--input-format",
      "json",
      "--output-table",
      "jobs.answers",
      "--output-mode",
      "append"
    };
    assertThat(run(args).rows()).isEqualTo(1);
    assertThat(place.resolve("_gptoss/job.json")).isRegularFile();
    args[args.length - 1] = "resume";
    assertThat(run(args).rows()).isZero();
    args[args.length - 1] = "overwrite";
    assertThat(run(args).rows()).isEqualTo(1);
    assertThat(spark.table("jobs.answers").count()).isEqualTo(1);
  }

  @Test
  void refusesTablesThatItCannotTake() {
    spark.sql("CREATE TABLE jobs.plain (id BIGINT) USING parquet");
    spark.sql("CREATE TABLE jobs.prompts (id BIGINT, prompt STRING) USING delta");
    String[] args = {
      "--input-table", "jobs.prompts", "--output-table", "jobs.plain", "--checkpoint", state()
    };
    assertRefused("is not Delta", args);
    args[1] = "jobs.plain";
    args[3] = "jobs.prompts";
    assertRefused("prompt", args);
    args[1] = "jobs.prompts; DROP";
    assertRefused("no table's name", args);
    args[1] = "JOBS.prompts";
    assertRefused("both 'JOBS.prompts'", args);
    args[1] = "spark_catalog.jobs.prompts";
    assertRefused("both 'spark_catalog.jobs.prompts'", args);
    args[1] = "jobs.nowhere";
    assertRefused("does not exist", args);
    String[] streaming = {
      "--input-table",
      "jobs.plain",
      "--output-table",
      "jobs.x",
      "--mode",
      "streaming",
      "--checkpoint",
      state(),
      "--prompt-template",
      "{id}"
    };
    assertRefused("--mode streaming reads Delta tables", streaming);
  }

  @Test
  void completesRowsOfAvroFilesAndOfADatabase() throws Exception {
    String avro = folder.resolve("avro").toString();
    spark.sql("SELECT 1 AS id, 'a' AS prompt").write().format("avro").save(avro);
    assertGoesOn(
        () ->
            spark
                .sql("SELECT 2, 'b'")
                .toDF("id", "prompt")
                .write()
                .format("avro")
                .mode("append")
                .save(avro),
        "--input",
        avro,
        "--input-format",
        "avro");

    String url = "jdbc:derby:memory:jobs";
    try (Connection database = DriverManager.getConnection(url + ";create=true");
        Statement statement = database.createStatement()) {
      statement.execute("CREATE TABLE prompts (id BIGINT, prompt VARCHAR(20))");
      statement.execute("INSERT INTO prompts VALUES (1, 'a')");
      assertGoesOn(
          () -> statement.execute("INSERT INTO prompts VALUES (2, 'b')"),
          "--input-format",
          "jdbc",
          "--set",
          "input.url=" + url,
          "--set",
          "input.dbtable=prompts");
    }
  }

  /** A change of the input. */
  @FunctionalInterface
  private interface Change {
    void make() throws Exception;
  }

  /** From an input of row 1, to which row 2 is added. */
  private void assertGoesOn(Change add, String... input) throws Exception {
    List<String> args = new ArrayList<>(List.of(input));
    String output = folder.resolve("out-" + args.hashCode()).toString();
    args.addAll(List.of("--output", output));
    String[] all = args.toArray(new String[0]);
    assertThat(run(all).rows()).isEqualTo(1);
    assertThat(run(all).rows()).isZero();
    add.make();
    assertThat(run(all).rows()).isEqualTo(1);
    assertThat(
            spark
                .read()
                .format("delta")
                .load(output)
                .where("completion.error_code IS NULL")
                .selectExpr("string(id)")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void refusesACatalogWithoutDeltaBeforeAnyWork() {
    spark.conf().set("spark.sql.catalog.other", NoDeltaCatalog.class.getName());
    assertNotWritten("other.db.answers", "does not make it as a Delta table");
    assertNotWritten("`other`.`a b`.c.d", "(Unsupported format in USING: delta)");
  }

  /** Whatever the mode, and without a trace. */
  private void assertNotWritten(String output, String message) {
    spark.sql("CREATE TABLE IF NOT EXISTS jobs.prompts (id BIGINT, prompt STRING) USING delta");
    insert("(1, 'a')");
    for (String mode : List.of("resume", "append", "overwrite")) {
      assertRefused(
          message,
          "--input-table",
          "jobs.prompts",
          "--output-table",
          output,
          "--output-mode",
          mode,
          "--checkpoint",
          state());
    }
    assertThat(Path.of(state())).doesNotExist();
  }

  static boolean hasIceberg() {
    return JobTablesIT.class.getClassLoader().getResource("iceberg-build.properties") != null;
  }

  @Test
  @EnabledIf("hasIceberg")
  void readsIcebergAndDoesNotWriteIt() throws Exception {
    // Iceberg has a catalog of its own for paths, Hive's unless it is set.
    for (String name : List.of("ice", "default_iceberg")) {
      String catalog = "spark.sql.catalog." + name;
      spark.conf().set(catalog, "org.apache.iceberg.spark.SparkCatalog");
      spark.conf().set(catalog + ".type", "hadoop");
      spark.conf().set(catalog + ".warehouse", folder.resolve("ice").toString());
    }
    spark.sql("CREATE TABLE ice.db.prompts (id BIGINT, prompt STRING) USING iceberg");
    spark.sql("INSERT INTO ice.db.prompts VALUES (1, 'a')");
    assertGoesOn(
        () -> spark.sql("INSERT INTO ice.db.prompts VALUES (2, 'b')"),
        "--input-table",
        "ice.db.prompts");
    spark.sql("DELETE FROM ice.db.prompts WHERE id = 2");
    assertGoesOn(
        () -> spark.sql("INSERT INTO ice.db.prompts VALUES (2, 'b')"),
        "--input",
        folder.resolve("ice/db/prompts").toString(),
        "--input-format",
        "iceberg");
    assertNotWritten("ice.db.prompts", "is not Delta");
    assertNotWritten("ice.db.answers", "(Unsupported format in USING: delta)");
    assertNotWritten("ice.new.answers", "does not make it as a Delta table");
    assertThat(spark.sql("SHOW TABLES IN ice.db").collectAsList()).hasSize(1);
  }

  @Test
  void columnNamesThatDeltaMapsComeToTheOutput() throws Exception {
    Path csv = folder.resolve("in.csv");
    Files.writeString(csv, "the id,prompt (text),a=b;c\n1,How much?,x\n");
    String output = folder.resolve("out").toString();
    String[] args = {
      "--input",
      csv.toString(),
      "--input-format",
      "csv",
      "--output",
      output,
      "--id-col",
      "the id",
      "--prompt-col",
      "prompt (text)"
    };
    assertThat(run(args).rows()).isEqualTo(1);
    Files.writeString(csv, "the id,prompt (text),a=b;c\n1,How much?,x\n2,How many?,y\n");
    assertThat(run(args).rows()).isEqualTo(1);
    Dataset<Row> written = spark.read().format("delta").load(output);
    assertThat(written.columns()).containsExactly("the id", "prompt (text)", "a=b;c", "completion");
    assertThat(written.count()).isEqualTo(2);

    String[] onwards = {
      "--input",
      output,
      "--input-format",
      "delta",
      "--output",
      folder.resolve("second").toString(),
      "--id-col",
      "the id",
      "--prompt-col",
      "prompt (text)",
      "--output-col",
      "again"
    };
    assertThat(run(onwards).rows()).isEqualTo(2);
    assertThat(run(onwards).rows()).isZero();
  }

  @Test
  void anOutputThatCannotTakeANameIsToldInOneLine() throws Exception {
    Path json = folder.resolve("in.jsonl");
    Files.writeString(json, "{\"id\": 1, \"prompt\": \"a\"}\n");
    String output = folder.resolve("out").toString();
    String[] args = {"--input", json.toString(), "--input-format", "json", "--output", output};
    run(args);
    Files.writeString(json, "{\"id\": 2, \"prompt\": \"a\", \"m\": {\"an odd one\": 1}}\n");
    long generated = spark.sql("DESCRIBE HISTORY delta.`" + output + "`").count();
    assertRefused("cannot take column 'an odd one'", args);
    assertRefused("ALTER TABLE delta.`", args);
    assertThat(spark.sql("DESCRIBE HISTORY delta.`" + output + "`").count()).isEqualTo(generated);
    spark.sql(
        "ALTER TABLE delta.`"
            + output
            + "` SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
    assertThat(run(args).rows()).isEqualTo(1);
  }

  @Test
  void completesABatchFileWithoutFurtherOptions() throws Exception {
    JobSummary summary =
        run(
            "--input",
            Sessions.ROOT.resolve("examples/data/openai-batch.jsonl").toString(),
            "--input-format",
            "openai-batch",
            "--id-col",
            "custom_id",
            "--output",
            folder.resolve("out").toString());
    assertThat(summary.rows()).isPositive();
    assertThat(summary.errors()).isLessThan(summary.rows());
  }
}

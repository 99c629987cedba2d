package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose Delta input changes after its rows were completed. */
class JobChangesIT {
  private static SparkSession spark;

  @TempDir Path folder;

  private String input;
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
    input = folder.resolve("in").toString();
    output = folder.resolve("out").toString();
  }

  private JobSummary run(String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input, "--input-format", "delta", "--output", output));
    args.addAll(List.of("--model", "demo", "--max-tokens", "4"));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }

  private void assertRefused(String message, String... more) {
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> run(more))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  /** Adds rows whose prompts say their ids. */
  private void append(String idColumn, int from, int to) {
    spark
        .range(from, to)
        .selectExpr("id AS " + idColumn, "concat('How much is 1 + ', id, '?') AS prompt")
        .coalesce(1)
        .write()
        .format("delta")
        .mode("append")
        .save(input);
  }

  private void change(String statement) {
    spark.sql(statement.formatted("delta.`" + input + "`"));
  }

  private Dataset<Row> written() {
    return spark.read().format("delta").load(output);
  }

  private Map<Long, String> prompts() {
    Map<Long, String> prompts = new TreeMap<>();
    List<Row> rows = written().select("id", "prompt").collectAsList();
    rows.forEach(row -> prompts.put(row.getLong(0), row.getString(1)));
    assertThat(prompts).hasSize(rows.size());
    return prompts;
  }

  private long commits() {
    return spark.sql("DESCRIBE HISTORY delta.`" + output + "`").count();
  }

  /** Changes one row, deletes one, changes one and adds one by a merge, adds one. */
  private void changeEverything() {
    change("UPDATE %s SET prompt = 'changed' WHERE id = 1");
    change("DELETE FROM %s WHERE id = 2");
    change(
        "MERGE INTO %s t USING (SELECT explode(array(3L, 4L)) AS id, 'merged' AS prompt) s"
            + " ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");
    append("id", 5, 6);
  }

  @Test
  void newRowsAreCompletedAndChangedOnesAreLeftAndCounted() throws Exception {
    append("id", 0, 4);
    assertThat(run().rows()).isEqualTo(4);
    changeEverything();

    JobSummary changed = run();
    assertThat(changed.rows()).isEqualTo(2);
    assertThat(changed.changedRows()).isEqualTo(2);
    assertThat(changed.skippedRows()).isEqualTo(3);
    assertThat(prompts())
        .hasSize(6)
        .containsEntry(1L, "How much is 1 + 1?")
        .containsEntry(2L, "How much is 1 + 2?")
        .containsEntry(4L, "merged");

    JobSummary same = run();
    assertThat(same.rows()).isZero();
    assertThat(same.changedRows()).isZero();
    append("id", 6, 8);
    assertThat(run().rows()).isEqualTo(2);
    assertThat(prompts()).hasSize(8);
    change("OPTIMIZE %s");
    assertThat(run().rows()).isZero();
    append("id", 8, 9);
    assertThat(run().rows()).isEqualTo(1);
    change("DELETE FROM %s WHERE id = 8");
    append("id", 9, 10);
    assertThat(run().rows()).isEqualTo(1);
    assertThat(prompts()).hasSize(10);
  }

  @Test
  void changedRowsAreCompletedAgainWhereTheCallerWantsIt() throws Exception {
    append("id", 0, 4);
    run();
    changeEverything();
    JobSummary changed = run("--on-change", "complete");
    assertThat(changed.rows()).isEqualTo(4);
    assertThat(changed.changedRows()).isEqualTo(2);
    assertThat(prompts())
        .hasSize(6)
        .containsEntry(0L, "How much is 1 + 0?")
        .containsEntry(1L, "changed")
        .containsEntry(3L, "merged");
    assertThat(written().where("completion IS NULL OR completion.finish_reason IS NULL").count())
        .isZero();
    Row asked = written().where("id = 1").select("completion.usage.input_tokens").head();
    Row like = written().where("id = 0").select("completion.usage.input_tokens").head();
    assertThat(asked.getInt(0)).as("the completion is the new prompt's").isLessThan(like.getInt(0));
    String metadata =
        spark
            .sql("DESCRIBE HISTORY delta.`" + output + "` LIMIT 1")
            .select("userMetadata")
            .head()
            .getString(0);
    assertThat(metadata).contains(changed.runId());
    assertThat(run("--on-change", "complete").rows()).isZero();
  }

  @Test
  void changesThatWereLeftCanBeCompletedLater() throws Exception {
    append("id", 0, 2);
    run();
    change("UPDATE %s SET prompt = 'changed' WHERE id = 1");
    assertThat(run().rows()).isZero();
    append("id", 2, 3);
    assertThat(run().rows()).isEqualTo(1);
    assertThat(run("--on-change", "complete").rows()).isEqualTo(1);
    assertThat(prompts()).hasSize(3).containsEntry(1L, "changed");
    assertThat(run("--on-change", "complete").rows()).isZero();
  }

  @Test
  void aChangeFailsTheJobWhereTheCallerWantsIt() throws Exception {
    append("id", 0, 3);
    run("--on-change", "fail");
    append("id", 3, 4);
    assertThat(run("--on-change", "fail").rows()).isEqualTo(1);
    long before = commits();
    changeEverything();
    assertRefused(
        "2 rows that are done have another prompt now, and 1 are gone", "--on-change", "fail");
    assertThat(commits()).isEqualTo(before);
    assertThat(run().rows()).isEqualTo(2);
  }

  @Test
  void withoutIdsOnlyWhatCannotLoseRowsGoesOn() throws Exception {
    append("nr", 0, 3);
    assertThat(run().rows()).isEqualTo(3);
    change("DELETE FROM %s WHERE nr = 0");
    change("UPDATE %s SET prompt = 'changed' WHERE nr = 1");
    append("nr", 3, 5);
    assertThat(run().rows()).isEqualTo(2);
    change(
        "MERGE INTO %s t USING (SELECT explode(array(2L, 9L)) AS nr, 'merged' AS prompt) s"
            + " ON t.nr = s.nr WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");
    append("nr", 5, 6);
    assertRefused("MERGE of version", "--on-change", "fail");
    assertRefused("--id-col");
    assertThat(run("--on-change", "skip").rows()).isEqualTo(1);
    assertThat(run().rows()).isZero();
    assertThat(written().select("nr").distinct().count()).isEqualTo(6);
    assertThat(written().count()).isEqualTo(6);
  }

  @Test
  void otherModesAndCheckpointsKeepWhatIsDone() throws Exception {
    append("id", 0, 3);
    run();
    assertThat(run("--mode", "batch").rows()).isZero();
    append("id", 3, 4);
    assertThat(run("--mode", "batch").rows()).isEqualTo(1);
    append("id", 4, 5);
    assertThat(run("--mode", "streaming").rows()).isEqualTo(1);
    append("id", 5, 6);
    assertThat(run("--mode", "streaming").rows()).isEqualTo(1);

    String elsewhere = folder.resolve("state").toString();
    append("id", 6, 7);
    assertThat(run("--checkpoint", elsewhere).rows()).isEqualTo(1);
    append("id", 7, 8);
    assertThat(run("--checkpoint", elsewhere).rows()).isEqualTo(1);
    assertThat(prompts()).hasSize(8);
  }

  @Test
  void withoutIdsAnotherModeOrCheckpointIsRefused() throws Exception {
    append("nr", 0, 2);
    run();
    assertRefused("streaming mode", "--mode", "batch");
    assertRefused("--id-col", "--checkpoint", folder.resolve("state").toString());
    assertThat(run("--mode", "batch", "--id-col", "nr").rows()).isZero();
  }

  @Test
  void renamedColumnsDoNotEndTheJob() throws Exception {
    append("id", 0, 2);
    change("ALTER TABLE %s SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
    run();
    change("ALTER TABLE %s ADD COLUMNS (`a note` STRING)");
    append("id", 2, 3);
    assertRefused("'delta.columnMapping.mode' = 'name'");
    spark.sql(
        "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"
            .formatted(output));
    assertThat(run().rows()).isEqualTo(1);
    change("ALTER TABLE %s RENAME COLUMN `a note` TO `the note`");
    append("id", 3, 4);
    assertThat(run().rows()).isEqualTo(1);
    assertThat(prompts()).hasSize(4);
  }

  @Test
  void idsOfAnotherTypeAreRefusedInOneLine() throws Exception {
    append("id", 0, 2);
    run("--mode", "batch");
    input = folder.resolve("strings").toString();
    spark.sql("SELECT 'x' AS id, 'a' AS prompt").write().format("delta").save(input);
    assertRefused("--id-col id is BIGINT in output '" + output + "' and STRING in the input");
    assertRefused("BIGINT", "--mode", "batch", "--id-col", "id");
  }

  @Test
  void aFieldOfAStructIdentifiesRows() throws Exception {
    Path lines = folder.resolve("nested.jsonl");
    String first = "{\"order\":{\"id\":1},\"q\":{\"text\":\"How much is 2 + 3?\"}}";
    Files.writeString(lines, first + "\n");
    String[] args = {"--id-col", "order.id", "--prompt-col", "q.text"};
    assertThat(runJson(lines, args).rows()).isEqualTo(1);
    Files.writeString(
        lines, first + "\n{\"order\":{\"id\":2},\"q\":{\"text\":\"How much is 1 + 1?\"}}\n");
    JobSummary second = runJson(lines, args);
    assertThat(second.rows()).isEqualTo(1);
    assertThat(second.skippedRows()).isEqualTo(1);
    Files.writeString(
        lines,
        first.replace("2 + 3", "9 + 9")
            + "\n{\"order\":{\"id\":2},\"q\":{\"text\":\"How much is 1 + 1?\"}}\n");
    assertThat(runJson(lines, args).changedRows()).isEqualTo(1);
    String[] again = {"--id-col", "order.id", "--prompt-col", "q.text", "--on-change", "complete"};
    assertThat(runJson(lines, again).rows()).isEqualTo(1);
    assertThat(written().where("q.text LIKE '%9 + 9%'").count()).isEqualTo(1);
    assertThat(written().count()).isEqualTo(2);
  }

  private JobSummary runJson(Path lines, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", lines.toString(), "--input-format", "json"));
    args.addAll(List.of("--output", output, "--model", "demo", "--max-tokens", "4"));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }
}

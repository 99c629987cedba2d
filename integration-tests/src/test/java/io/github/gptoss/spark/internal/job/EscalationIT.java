package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.CountingEngine;
import io.github.gptoss.spark.internal.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which rows are asked again at which effort. A prompt is the effort from which on its answer is
 * not empty, and a number: {@code high 3}.
 */
class EscalationIT {
  private static final List<String> EFFORTS = List.of("none", "low", "medium", "high", "never");
  private static final CountingEngine ENGINE =
      new CountingEngine(
          asked ->
              EFFORTS.indexOf(asked.effort()) >= EFFORTS.indexOf(asked.question().split(" ")[0])
                  ? "done"
                  : "");

  /** Of Harmony's form, since the message names a channel. */
  private static final String PLAIN_SYSTEM =
      "{\"role\": \"system\", \"content\": [{\"type\": \"text\", \"text\": \"Be brief.\"}]},"
          + " {\"role\": \"assistant\", \"channel\": \"final\", \"content\": \"Yes?\"}";

  private static SparkSession spark;
  private static AutoCloseable counting;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    counting = Engines.count(ENGINE);
  }

  @AfterAll
  static void stop() throws Exception {
    spark.stop();
    counting.close();
  }

  @BeforeEach
  void reset() {
    ENGINE.reset();
  }

  private JobSummary run(List<String> lines, String format, String... more) throws Exception {
    Path input = Files.write(folder.resolve("in.jsonl"), lines);
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input.toString(), "--input-format", format));
    args.addAll(List.of("--output", output(), "--model", "demo", "--max-tokens", "8"));
    // The journal asks the engine for figures that this one has not.
    args.addAll(List.of("--journal", "off", "--escalate-effort"));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }

  private String output() {
    return folder.resolve("out").toString();
  }

  /** What the column of efforts says, by the row's id. */
  private Map<String, String> efforts(String id) {
    Map<String, String> efforts = new HashMap<>();
    for (Row row :
        spark
            .read()
            .format("delta")
            .load(output())
            .selectExpr("string(" + id + ")", "completion_effort")
            .collectAsList()) {
      efforts.put(row.getString(0), row.getString(1));
    }
    return efforts;
  }

  /** The questions that the engine was asked at an effort. */
  private static List<String> asked(String effort) {
    return ENGINE.asked().stream()
        .filter(asked -> asked.effort().equals(effort))
        .map(CountingEngine.Asked::question)
        .sorted()
        .toList();
  }

  private static String line(int id, String prompt, String effort) {
    return "{\"id\": %d, \"prompt\": \"%s\", \"effort\": %s}"
        .formatted(id, prompt, effort == null ? null : "\"" + effort + "\"");
  }

  @Test
  void completesOnlyRowsThatHaveNotPassedAgain() throws Exception {
    JobSummary summary =
        run(
            List.of(
                line(1, "low 1", null),
                line(2, "medium 2", null),
                line(3, "high 3", null),
                line(4, "never 4", null)),
            "json",
            "--reasoning-effort",
            "low");
    assertThat(asked("low")).containsExactly("high 3", "low 1", "medium 2", "never 4");
    assertThat(asked("medium")).containsExactly("high 3", "medium 2", "never 4");
    assertThat(asked("high")).containsExactly("high 3", "never 4");
    assertThat(ENGINE.asked()).hasSize(9);
    assertThat(efforts("id"))
        .isEqualTo(Map.of("1", "low", "2", "medium", "3", "high", "4", "high"));
    assertThat(summary.rows()).isEqualTo(4);
    assertThat(summary.escalatedRows()).isEqualTo(5);
  }

  @Test
  void goesOnFromTheEffortThatARowHasOfItsOwn() throws Exception {
    JobSummary summary =
        run(
            List.of(
                line(1, "low 1", "low"),
                line(2, "high 2", "LOW"),
                line(3, "high 3", null),
                line(4, "high 4", "high"),
                line(5, "never 5", "high"),
                line(6, "low 6", "none"),
                line(7, "low 7", "hgih")),
            "json",
            "--set",
            "reasoning_effort_col=effort");
    assertThat(asked("none")).containsExactly("low 6");
    assertThat(asked("low")).containsExactly("high 2", "low 1", "low 6");
    assertThat(asked("medium")).containsExactly("high 2", "high 3");
    assertThat(asked("high")).containsExactly("high 2", "high 3", "high 4", "never 5");
    assertThat(ENGINE.asked()).hasSize(10);
    Map<String, String> expected = new HashMap<>();
    expected.putAll(Map.of("1", "low", "2", "high", "3", "high", "4", "high"));
    expected.putAll(Map.of("5", "high", "6", "low"));
    expected.put("7", null);
    assertThat(efforts("id")).isEqualTo(expected);
    assertThat(summary.rows()).isEqualTo(7);
    assertThat(summary.escalatedRows()).isEqualTo(4);
    assertThat(summary.errorCodes()).isEqualTo(Map.of("invalid_parameter", 1L));
  }

  @Test
  void goesOnFromTheEffortOfARequest() throws Exception {
    JobSummary summary =
        run(
            List.of(
                chat("chat", "\"reasoning_effort\": \"low\"", user("high 1")),
                chat("other", "\"reasoning\": {\"effort\": \"high\"}", user("never 2")),
                chat("unset", "\"n\": 1", user("high 3")),
                chat("said", "\"n\": 1", system("Low") + ", " + user("medium 4")),
                chat("text", "\"n\": 1", PLAIN_SYSTEM + ", " + user("never 5"))),
            "openai-batch",
            "--id-col",
            "custom_id");
    assertThat(asked("low")).containsExactly("high 1", "medium 4");
    assertThat(asked("medium")).containsExactly("high 1", "high 3", "medium 4");
    assertThat(asked("high")).containsExactly("high 1", "high 3", "never 2");
    assertThat(asked("none")).containsExactly("never 5");
    Map<String, String> expected = new HashMap<>();
    expected.putAll(Map.of("chat", "high", "other", "high", "unset", "high", "said", "medium"));
    expected.put("text", null);
    assertThat(efforts("custom_id")).isEqualTo(expected);
    assertThat(summary.escalatedRows()).isEqualTo(4);
    assertThat(summary.errors()).isZero();
  }

  private static String system(String effort) {
    return "{\"role\": \"system\", \"content\": [{\"type\": \"system_content\","
        + " \"reasoning_effort\": \""
        + effort
        + "\"}]}";
  }

  private static String user(String text) {
    return "{\"role\": \"user\", \"content\": \"" + text + "\"}";
  }

  private static String chat(String id, String parameter, String messages) {
    return ("{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\","
            + " \"body\": {\"model\": \"m\", %s, \"messages\": [%s]}}")
        .formatted(id, parameter, messages);
  }
}

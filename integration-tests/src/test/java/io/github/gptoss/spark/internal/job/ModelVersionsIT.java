package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.ModelFingerprint;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.weights.Models;
import io.github.gptoss.spark.FolderHub;
import io.github.gptoss.spark.OtherDemo;
import io.github.gptoss.spark.RemoteFileSystem;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.models.HubBranches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run computes with one version of its model, whatever becomes of the place it comes from. */
class ModelVersionsIT {
  private static final String MOVED = "ffffffffffffffffffffffffffffffffffffffff";

  private static SparkSession spark;

  @TempDir Path folder;

  private String input;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    spark.conf().set("fs.remote.impl", RemoteFileSystem.class.getName());
  }

  @AfterAll
  static void stop() {
    spark.conf().unset("fs.remote.impl");
    spark.stop();
    Engines.close();
  }

  /** Three files, which make three batches. */
  @BeforeEach
  void write() {
    input = folder.resolve("in").toString();
    for (int i = 0; i < 3; i++) {
      spark
          .range(i, i + 1)
          .selectExpr("id", "'How much?' AS prompt")
          .coalesce(1)
          .write()
          .format("delta")
          .mode("append")
          .save(input);
    }
  }

  private String output(String name) {
    return folder.resolve(name).toString();
  }

  private JobSummary run(String name, String model, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input, "--input-format", "delta", "--batch-files", "1"));
    args.addAll(List.of("--output", output(name), "--model", model, "--max-tokens", "4"));
    args.addAll(List.of("--model-cache-dir", folder.resolve("cache").toString()));
    args.addAll(List.of("--set", "include_tokens=true", "--escalate-effort"));
    args.addAll(List.of(more));
    return new JobRun(JobArguments.parse(args.toArray(new String[0])).spec()).run(spark);
  }

  /** A run during which something happens as soon as its batches begin. */
  private JobSummary runWhile(StreamingQueryListener change, String model, String... more)
      throws Exception {
    spark.streams().addListener(change);
    try {
      return run("out", model, more);
    } finally {
      spark.streams().removeListener(change);
    }
  }

  private List<String> answers(String name) {
    return spark
        .read()
        .format("delta")
        .load(output(name))
        .selectExpr("to_json(struct(id, completion.completion_tokens, completion_effort)) AS json")
        .sort("json")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  /** Each of the three commits and the report name the version of the demo model that this is. */
  private void assertNamesTheDemoModel(String version) throws IOException {
    List<Row> audits =
        spark
            .sql("DESCRIBE HISTORY delta.`" + output("out") + "`")
            .selectExpr(
                "get_json_object(userMetadata, '$.gptoss.model')",
                "get_json_object(userMetadata, '$.gptoss.model_fingerprint')")
            .collectAsList();
    assertThat(audits).hasSize(3).containsOnly(audits.get(0));
    assertThat(audits.get(0).getString(0)).matches(version);
    assertThat(audits.get(0).getString(1)).isEqualTo(ModelFingerprint.of("demo"));
    try (var pages = Files.newDirectoryStream(Path.of(output("out"), "_gptoss/reports"), "*.md")) {
      assertThat(pages.iterator().next()).content().contains(audits.get(0).getString(0));
    }
  }

  @Test
  void allBatchesOfARunComputeWithOneVersionOfTheModel() throws Exception {
    Path other = OtherDemo.write(folder.resolve("other"));
    try (FolderHub hub = new FolderHub(Models.resolve("demo"))) {
      String[] at = {"--hf-endpoint", hub.endpoint()};
      JobSummary summary =
          runWhile(
              new AtStart(
                  () -> {
                    hub.move(MOVED, other);
                    HubBranches.forget();
                  }),
              "hf://openai/demo",
              at);
      assertThat(summary.rows()).isEqualTo(3);
      assertThat(hub.branchQuestions()).isEqualTo(1);
      assertNamesTheDemoModel(".*@" + FolderHub.COMMIT);
      run("pinned", "hf://openai/demo@" + FolderHub.COMMIT, at);
      run("moved", "hf://openai/demo", at);
      assertThat(answers("out")).hasSize(3).isEqualTo(answers("pinned"));
      assertThat(answers("moved")).hasSize(3).doesNotContainAnyElementsOf(answers("pinned"));
    }
  }

  @Test
  void allBatchesOfARunComputeWithTheFolderAsItWas() throws Exception {
    Path model = OtherDemo.copyDemo(folder.resolve("model"));
    JobSummary summary = runWhile(new AtStart(() -> OtherDemo.replace(model)), "remote:" + model);
    assertThat(summary.rows()).isEqualTo(3);
    assertNamesTheDemoModel("remote:.*#[0-9a-f]{16}");
    run("demo", "demo");
    run("changed", "remote:" + model);
    assertThat(answers("out")).hasSize(3).isEqualTo(answers("demo"));
    assertThat(answers("changed")).hasSize(3).doesNotContainAnyElementsOf(answers("demo"));
  }

  @Test
  void aFolderThatChangesWhileItIsCopiedEndsTheRunWithoutARow() throws Exception {
    Path model = OtherDemo.copyDemo(folder.resolve("model"));
    RemoteFileSystem.beforeOpen =
        file -> {
          if (file.getName().equals("config.json")) {
            replace(model);
          }
        };
    try {
      assertThatExceptionOfType(GptOssException.class)
          .isThrownBy(() -> run("out", "remote:" + model))
          .withMessageContaining("changed")
          .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    } finally {
      RemoteFileSystem.beforeOpen = file -> {};
    }
    assertThat(Path.of(output("out"), "_delta_log")).doesNotExist();
  }

  private static void replace(Path model) {
    try {
      OtherDemo.replace(model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a test does to a model's place, in the thread of the query that begins. */
  private static final class AtStart extends StreamingQueryListener {
    private interface Change {
      void make() throws IOException;
    }

    private final Change change;

    AtStart(Change change) {
      this.change = change;
    }

    @Override
    public void onQueryStarted(QueryStartedEvent event) {
      try {
        change.make();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onQueryProgress(QueryProgressEvent event) {}

    @Override
    public void onQueryTerminated(QueryTerminatedEvent event) {}
  }
}

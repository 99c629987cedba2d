package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.job.JobHelp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationErrorsIT {
  private static SparkSession spark;
  private static Dataset<Row> prompts;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    prompts = spark.sql("SELECT 1 AS id, 'x' AS prompt");
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static void assertRefused(String message, Dataset<Row> table, GptOssOptions options) {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOss.complete(table, options))
        .withMessageContaining(message)
        .satisfies(
            e -> {
              assertThat(e.getMessage()).doesNotContain("\n");
              assertThat(e.getCondition()).startsWith("GPTOSS_INVALID_");
              assertThat(e.getSqlState()).isNotNull();
            });
  }

  @Test
  void everyWrongOptionIsRefusedBeforeAnyJob() {
    GptOssOptions demo = Sessions.demo();
    assertRefused("no model", prompts, GptOssOptions.create());
    assertRefused("tpu", prompts, demo.backend("tpu"));
    assertRefused("temperature", prompts, demo.temperature(Double.NaN));
    assertRefused("top_p", prompts, demo.topP(2));
    assertRefused("max_tokens", prompts, demo.maxTokens(0));
    assertRefused("max_tokens", prompts, demo.maxTokens(-5));
    assertRefused("did you mean 'prompt'", prompts, demo.promptCol("promt"));
    assertRefused("decode(b, 'utf-8')", prompts.selectExpr("X'41' AS b"), demo.promptCol("b"));
    assertRefused("to_json(a)", prompts.selectExpr("array(1) AS a"), demo.promptCol("a"));
    assertRefused("expected string", prompts, demo.messagesCol("id"));
    assertRefused("prompt_template", prompts, demo.promptTemplate("{nobody}"));
    for (String json :
        List.of("{\"a\": \"x.y\"}: {prompt}", "{\"a\": {}}", "{prompt} {}", "{\n  a")) {
      assertRefused("write {{ for a literal {", prompts, demo.promptTemplate(json));
    }
    assertRefused("already has", prompts.selectExpr("*", "1 AS completion"), demo);
    assertRefused("no columns", spark.emptyDataFrame(), demo);
    assertRefused("tools", prompts, demo.tools("{"));
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOssOptions.of(Map.of("temprature", "1")))
        .withMessageContaining("did you mean 'temperature'?");
  }

  @Test
  void theSessionsConfigurationCountsAndIsChecked() {
    spark.conf().set("spark.gptoss.maxTokns", "3");
    try {
      assertRefused("did you mean 'max_tokens'?", prompts, Sessions.demo());
    } finally {
      spark.conf().unset("spark.gptoss.maxTokns");
    }
    spark.conf().set("spark.gptoss.model", "demo");
    try {
      assertThat(GptOss.complete(prompts, GptOssOptions.create()).columns()).hasSize(3);
    } finally {
      spark.conf().unset("spark.gptoss.model");
    }
  }

  @Test
  void aModelThatCannotBeUsedIsRefusedBeforeAnyJob() throws Exception {
    assertRefused("no such folder", prompts, GptOssOptions.create().model("/no/such/model"));
    Path file = Files.writeString(folder.resolve("model.gguf"), "GGUF");
    assertRefused("model.gguf", prompts, GptOssOptions.create().model(file.toString()));
    assertRefused(
        "no filesystem for s3:", prompts, GptOssOptions.create().model("s3://bucket/model"));
    assertRefused("hf://owner/name", prompts, GptOssOptions.create().model("hf://model"));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertRefused("empty", prompts, GptOssOptions.create().model(empty.toString()));
  }

  @Test
  void whatOnlyTheExecutorsEngineCanTellFailsTheJobWithTheReason() {
    Dataset<Row> completed = GptOss.complete(prompts, Sessions.demo().maxModelLen(1 << 30));
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(completed::collectAsList)
        .satisfies(
            e ->
                assertThat(JobHelp.knownCause(e))
                    .isInstanceOf(GptOssException.class)
                    .hasMessageContaining("max_position_embeddings"));
  }

  @Test
  void otherEngineSettingsAreRefusedWhileTheEngineIsInUse() throws Exception {
    EngineConfig other = EngineConfig.builder("demo").threads(1).build();
    try (AutoCloseable held = Engines.hold(other)) {
      assertThat(held).isNotNull();
      assertThatExceptionOfType(Exception.class)
          .isThrownBy(() -> GptOss.complete(prompts, Sessions.demo()).collectAsList())
          .satisfies(
              e ->
                  assertThat(JobHelp.knownCause(e).getMessage())
                      .contains("threads=1", "threads=0"));
    }
  }
}

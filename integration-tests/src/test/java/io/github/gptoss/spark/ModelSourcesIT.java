package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.weights.Models;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.models.CachedModel;
import io.github.gptoss.spark.internal.models.CachedModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo model from far away gives the demo model's answers. */
class ModelSourcesIT {
  private static SparkSession spark;

  @TempDir Path cache;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static Path demoFolder() {
    return Models.resolve("demo");
  }

  private GptOssOptions options(String model) {
    return GptOssOptions.create()
        .model(model)
        .modelCacheDir(cache.toString())
        .messagesCol("messages")
        .includeTokens(true);
  }

  private static void assertRightAnswers(GptOssOptions options) {
    Dataset<Row> prompts = Sessions.demoPrompts(spark).limit(6);
    List<Row> answers = GptOss.complete(prompts, options).collectAsList();
    assertThat(answers).hasSize(6);
    for (Row row : answers) {
      Row completion = row.getAs("completion");
      assertThat(completion.<Object>getAs("error_code")).isNull();
      assertThat(completion.getList(completion.fieldIndex("completion_tokens")))
          .isEqualTo(row.getList(row.fieldIndex("completion_tokens")));
    }
  }

  @Test
  void answersWithAModelOfAHub() throws Exception {
    try (FolderHub hub = new FolderHub(demoFolder())) {
      GptOssOptions options = options("hf://openai/demo").hfEndpoint(hub.endpoint());
      assertRightAnswers(options);
      long once = hub.servedBytes.get();
      long weights = Files.size(demoFolder().resolve("model.safetensors"));
      // A broken connection loses what was under way; beginning anew would cost half as much again.
      assertThat(once).isBetween(weights, weights + weights / 10);
      CachedModels cached = CachedModels.in(cache.toString());
      assertThat(cached.list()).singleElement().matches(CachedModel::isHeld);
      assertThat(cached.prune(CachedModels.Which.ALL, Duration.ZERO, false)).isEmpty();
      Engines.close();
      assertThat(cached.list()).singleElement().matches(version -> !version.isHeld());
      assertRightAnswers(options);
      assertThat(hub.servedBytes).hasValue(once);
    }
  }

  @Test
  void answersWithAModelOfAHadoopFilesystemThatOnlyTheSessionKnows() throws Exception {
    spark.conf().set("fs.remote.impl", RemoteFileSystem.class.getName());
    try {
      assertRightAnswers(options("remote:" + demoFolder()));
      try (var models = Files.list(cache.resolve("models"))) {
        assertThat(models.filter(Files::isDirectory)).hasSize(1);
      }
    } finally {
      spark.conf().unset("fs.remote.impl");
    }
  }
}

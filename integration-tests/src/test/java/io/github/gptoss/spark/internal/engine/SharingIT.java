package io.github.gptoss.spark.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import java.util.List;
import org.apache.spark.SparkRuntimeException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SharingIT {
  private static final GptOssOptions DEMO =
      GptOssOptions.create().model("demo").reasoningEffort("low").maxTokens(40);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("gptoss-it")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  /** 40 rows in two tasks, which ask 4 things. */
  private static Dataset<Row> repetitive() {
    return spark
        .range(0, 40, 1, 2)
        .select(
            functions.col("id"),
            functions
                .concat(
                    functions.lit("What is 2 + "), functions.col("id").mod(4), functions.lit("?"))
                .as("prompt"));
  }

  private static List<Row> answers(GptOssOptions options) {
    return GptOss.complete(repetitive(), options)
        .select("id", "completion.response", "completion.usage.output_tokens")
        .collectAsList();
  }

  private static long generatedTokens() {
    CompletionEngine engine = EngineRegistry.shared().opened().orElseThrow();
    // The engine counts a step after it has answered.
    while (engine.stats().runningRequests() > 0) {
      Engines.pause();
    }
    return engine.stats().generatedTokens();
  }

  @Test
  void equalPromptsOfAStageAreGeneratedOnceAndAnsweredAsIfEachHadBeen() {
    List<Row> alone = answers(DEMO.deduplicate(false));
    long aloneTokens = generatedTokens();
    List<Row> shared = answers(DEMO);
    long sharedTokens = generatedTokens() - aloneTokens;
    assertThat(shared).isEqualTo(alone).hasSize(40);
    assertThat(aloneTokens)
        .isEqualTo(alone.stream().mapToLong(row -> row.getInt(2)).sum())
        .isEqualTo(10 * sharedTokens);
  }

  @Test
  void rowsAreSpreadOverPartitionsAndThoseThatAskTheSameMeet() {
    GptOssOptions options = DEMO.maxTokens(1).repartition(3);
    Dataset<Row> shared = GptOss.complete(repetitive(), options);
    assertThat(shared.rdd().getNumPartitions()).isEqualTo(3);
    Dataset<Row> placed = shared.select(functions.col("prompt"), functions.spark_partition_id());
    assertThat(placed.count()).isEqualTo(40);
    assertThat(placed.distinct().count()).isEqualTo(4);
    Dataset<Row> alone = GptOss.complete(repetitive(), options.deduplicate(false));
    assertThat(alone.groupBy(functions.spark_partition_id()).count().collectAsList())
        .hasSize(3)
        .allSatisfy(row -> assertThat(row.getLong(1)).isBetween(10L, 17L));
  }

  @Test
  void aBadRowFailsTheJobOnRequestAndItsTextStaysWhereItIs() {
    Dataset<Row> table = spark.sql("SELECT '[{\"role\": \"secret emperor\"}]' AS chat");
    Dataset<Row> completed = GptOss.complete(table, DEMO.messagesCol("chat").failOnError(true));
    assertThatExceptionOfType(SparkRuntimeException.class)
        .isThrownBy(completed::collectAsList)
        .withMessageContaining("row 0 of partition 0")
        .withMessageContaining("invalid_conversation")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("emperor"));
  }
}

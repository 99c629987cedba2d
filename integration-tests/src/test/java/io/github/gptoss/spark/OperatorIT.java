package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.engine.CountingEngine;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.Rowwise;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many rows are generated for queries over tables that {@code GptOss.complete} and {@code
 * format("gptoss")} make, in sessions with the extension and without. The table {@code t} is the
 * one of {@link FunctionsIT}: 100 rows, id from 0, prompt p0, p1, ..., k = id % 5.
 */
class OperatorIT {
  /** The table of completions | the query | its rows | the rows that are generated. */
  private static final String QUERIES =
      """
      all           | SELECT * FROM answers | 100 | 100
      a field       | SELECT completion.response FROM answers | 100 | 100
      other columns | SELECT id, prompt FROM answers | 100 | 0
      count         | SELECT count(*) FROM answers | 1 | 0
      aggregate     | SELECT k, max(prompt) FROM answers GROUP BY k | 5 | 0
      filter        | SELECT * FROM answers WHERE k = 2 | 20 | 20
      two filters   | SELECT id FROM answers WHERE completion.response LIKE '%8' AND k = 3 | 10 | 20
      an odd filter | SELECT completion FROM answers WHERE regexp_like(prompt, 'p1.') AND hash(id) IS NOT NULL | 10 | 10
      nothing       | SELECT * FROM answers WHERE id < 0 | 0 | 0
      limit         | SELECT id, completion FROM answers LIMIT 3 | 3 | 3
      limit inside  | SELECT k, count(completion) FROM (SELECT * FROM answers LIMIT 7) GROUP BY k | 5 | 7
      top-N         | SELECT id, completion.response FROM answers ORDER BY id DESC LIMIT 3 | 3 | 3
      top-N of k    | SELECT id, completion.response FROM answers ORDER BY k, id LIMIT 3 | 3 | 3
      top-N by expr | SELECT id, completion.response FROM answers ORDER BY hash(id) % 7, prompt LIMIT 3 | 3 | 3
      a computed N  | SELECT upper(prompt) AS u, completion.response FROM answers ORDER BY u DESC, k LIMIT 4 | 4 | 4
      top-N of it   | SELECT id, length(completion.response) AS n FROM answers ORDER BY n, id LIMIT 3 | 3 | 100
      a random N    | SELECT id, rand(1) AS r, completion FROM answers ORDER BY r LIMIT 3 | 3 | 100
      sorted        | SELECT id FROM answers ORDER BY completion.response | 100 | 100
      over a join   | SELECT a.completion.response FROM answers a JOIN t b ON a.id = b.id WHERE b.k = 1 AND a.id < 50 | 10 | 50
      itself        | SELECT a.id, a.completion, b.prompt FROM answers a JOIN answers b ON a.id = b.id WHERE a.id < 10 | 10 | 10
      union         | SELECT completion FROM answers WHERE id < 5 UNION ALL SELECT completion FROM answers WHERE id > 95 | 9 | 9
      a call on it  | SELECT gptoss_text(completion.response) FROM answers WHERE id < 5 | 5 | 10
      subquery      | SELECT id FROM t WHERE concat('ans:', prompt) IN (SELECT completion.response FROM answers WHERE id < 4) | 4 | 4
      """;

  private static SparkSession session(boolean extension) {
    SparkSession.Builder builder =
        Sessions.builder("local[2]").config("spark.gptoss.model", "demo");
    if (!extension) {
      builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
    }
    SparkSession spark = builder.getOrCreate();
    spark.sql(
        "CREATE OR REPLACE TABLE t USING delta AS"
            + " SELECT id, concat('p', id) AS prompt, id % 5 AS k FROM range(0, 100, 1, 2)");
    return spark;
  }

  private static Dataset<Row> answers(SparkSession spark, String entryPoint) {
    return switch (entryPoint) {
      case "complete" -> GptOss.complete(spark.table("t"), GptOssOptions.create());
      case "format" -> spark.read().format("gptoss").option("table", "t").load();
      case "openai-batch" ->
          spark
              .read()
              .format("gptoss")
              .option("input_format", "openai-batch")
              .load(batch(spark).toString())
              .selectExpr(
                  "int(custom_id) AS id",
                  "concat('p', custom_id) AS prompt",
                  "int(custom_id) % 5 AS k",
                  "completion");
      default -> throw new IllegalArgumentException(entryPoint);
    };
  }

  /** The rows of the table as requests of a batch file. */
  private static Path batch(SparkSession spark) {
    Path folder = Sessions.ROOT.resolve("integration-tests/target/operator-batch");
    spark
        .table("t")
        .selectExpr(
            "to_json(named_struct('custom_id', string(id), 'method', 'POST', 'url',"
                + " '/v1/chat/completions', 'body', named_struct('messages',"
                + " array(named_struct('role', 'user', 'content', prompt)))))")
        .write()
        .mode("overwrite")
        .text(folder.toString());
    return folder;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void generatesWhatIsRead(boolean extension) throws Exception {
    CountingEngine engine = new CountingEngine();
    List<String> wrong = new ArrayList<>();
    try (SparkSession spark = session(extension);
        AutoCloseable counting = Engines.count(engine)) {
      for (String entryPoint : List.of("complete", "format", "openai-batch")) {
        answers(spark, entryPoint).createOrReplaceTempView("answers");
        for (String line : QUERIES.lines().toList()) {
          String[] cells = line.split("\\|");
          if (!extension && cells[1].contains("gptoss_")) {
            continue;
          }
          engine.reset();
          Rowwise.forget();
          Dataset<Row> query = spark.sql(cells[1]);
          int rows = query.collectAsList().size();
          int generated = engine.asked().size();
          if (rows != number(cells[2]) || generated != number(cells[3])) {
            wrong.add(
                entryPoint
                    + ": "
                    + cells[0].strip()
                    + ": "
                    + rows
                    + " rows, generated "
                    + generated);
          }
          boolean shown =
              query.queryExecution().executedPlan().toString().contains("BatchGenerate");
          if (generated > 0 && !shown) {
            wrong.add(entryPoint + ": " + cells[0].strip() + " has no BatchGenerate");
          }
          assertThat(Rowwise.reasons()).isEmpty();
        }
      }
      spark.sql("DROP TABLE t");
    }
    assertThat(wrong).isEmpty();
  }

  private static int number(String cell) {
    return Integer.parseInt(cell.strip());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theOperatorCountsForEveryEntryPoint(boolean extension) throws Exception {
    try (SparkSession spark = session(extension);
        AutoCloseable counting = Engines.count(new CountingEngine())) {
      for (String entryPoint : List.of("complete", "format", "openai-batch")) {
        Dataset<Row> query = answers(spark, entryPoint).where("id < 10");
        query.collectAsList();
        Map<String, Long> figures = Plans.metrics(query, "BatchGenerate");
        assertThat(figures)
            .containsEntry("rows", 10L)
            .containsEntry("errors", 0L)
            .containsEntry("outputTokens", 10L)
            .containsKey("waitNanos");
        assertThat(figures.get("inputTokens")).isPositive();
      }
      spark.sql("DROP TABLE t");
    }
  }

  @Test
  void tablesOfOddShapesAreCompleted() throws Exception {
    CountingEngine engine = new CountingEngine();
    try (SparkSession spark = session(false);
        AutoCloseable counting = Engines.count(engine)) {
      Dataset<Row> twice =
          spark.sql(
              "SELECT id AS a, k AS a, prompt, DATE'1500-01-01' AS d, INTERVAL '1' DAY AS i FROM"
                  + " t");
      Dataset<Row> completed =
          GptOss.complete(twice, GptOssOptions.create().repartition(3).outputCol("out"));
      assertThat(completed.drop("out").schema()).isEqualTo(twice.schema());
      assertThat(completed.columns()).containsExactly("a", "a", "prompt", "d", "i", "out");
      assertThat(completed.collectAsList()).hasSize(100);
      assertThat(engine.asked()).hasSize(100);

      engine.reset();
      Dataset<Row> cached = GptOss.complete(spark.table("t"), GptOssOptions.create()).cache();
      assertThat(cached.count()).isEqualTo(100);
      assertThat(cached.where("completion.response = 'ans:p7'").count()).isEqualTo(1);
      assertThat(engine.asked()).hasSize(100);
      cached.unpersist(true);

      engine.reset();
      Dataset<Row> asked =
          GptOss.complete(spark.table("t"), GptOssOptions.create().outputCol("first"))
              .withColumn("prompt", functions.col("first.response"));
      List<Row> again =
          GptOss.complete(asked, GptOssOptions.create()).where("id = 7").collectAsList();
      assertThat(again.get(0).<Row>getAs("completion").<Object>getAs("response"))
          .isEqualTo("ans:ans:p7");
      assertThat(engine.asked()).hasSize(2);
      spark.sql("DROP TABLE t");
    }
  }

  /** Counts the rows that it is told of. */
  private record RowCount(LongAccumulator rows) implements CompletionObserver {
    @Override
    public void completed(CompletionFacts facts, CompletionOrigin origin, long endedMillis) {
      rows.add(1L);
    }
  }

  @Test
  void observersOfTwoCallsInOnePlanAreToldOfTheirOwnRows() throws Exception {
    try (SparkSession spark = session(true);
        AutoCloseable counting = Engines.count(new CountingEngine())) {
      RowCount first = new RowCount(spark.sparkContext().longAccumulator());
      RowCount second = new RowCount(spark.sparkContext().longAccumulator());
      Dataset<Row> table = spark.table("t");
      TableCompletion call =
          TableCompletion.of(spark, table.schema(), ResolvedCall.of(spark, Map.of()));
      Dataset<Row> once =
          call.generate(
              table, functions.col("k").equalTo(1), "a", first, CompletionStore.Factory.NONE);
      Dataset<Row> twice =
          call.generate(once, functions.col("k").lt(2), "b", second, CompletionStore.Factory.NONE);
      List<Row> rows = twice.collectAsList();
      assertThat(rows).hasSize(100);
      assertThat(rows).filteredOn(row -> row.getAs("a") != null).hasSize(20);
      assertThat(rows).filteredOn(row -> row.getAs("b") != null).hasSize(40);
      assertThat(first.rows().value()).isEqualTo(20);
      assertThat(second.rows().value()).isEqualTo(40);
      spark.sql("DROP TABLE t");
    }
  }
}

package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.engine.CountingEngine;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.sql.Rowwise;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions that were not built for the functions. */
class LiveSessionIT {
  private final CountingEngine engine = new CountingEngine();
  private SparkSession spark;
  private AutoCloseable counting;

  @BeforeEach
  void start() {
    spark =
        Sessions.builder("local[2]")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.gptoss.model", "demo")
            .getOrCreate();
    // The session has planned before, as one does that a library is added to.
    assertThat(spark.range(3).count()).isEqualTo(3);
    counting = Engines.count(engine);
    Rowwise.forget();
  }

  @AfterEach
  void stop() throws Exception {
    spark.stop();
    counting.close();
  }

  private void assertBatches(SparkSession session, String function) {
    engine.reset();
    assertThat(
            session
                .sql(
                    "SELECT g.response, g.usage FROM (SELECT id, "
                        + function
                        + "(concat('p', id)) AS g FROM range(0, 100, 1, 2)) WHERE id < 50 LIMIT 9")
                .collectAsList())
        .hasSize(9);
    // Each of two partitions may have to give all rows of the limit.
    assertThat(engine.asked()).hasSizeBetween(9, 18);
    assertThat(session.sql("EXPLAIN SELECT " + function + "('x')").head().getString(0))
        .contains("BatchGenerate");
    assertThat(Rowwise.reasons()).isEmpty();
  }

  @Test
  void installGivesARunningSessionAndItsChildrenTheFunctions() {
    GptOss.install(spark);
    GptOss.install(spark);
    assertBatches(spark, "gptoss_generate");
    assertBatches(spark.newSession(), "gptoss_generate");
    assertThat(spark.sql("SHOW FUNCTIONS LIKE 'gptoss*'").count()).isEqualTo(25);
  }

  @Test
  void theCatalogInstallsWhatItsFunctionsNeed() {
    assertBatches(spark, "gptoss.generate");
  }
}

package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KillIT {
  private static final GptOssOptions ENDLESS =
      // The demo model ends its own answers soon, so there are many of them.
      Sessions.demo().reasoningEffort("high").windowRows(500).deduplicate(false);

  private static void await(String what, BooleanSupplier condition) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(end);
      Engines.pause();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancellingAJobFreesTheEngineWithAndWithoutInterrupt(boolean interrupts) {
    EngineConfig config = OptionValues.resolve(ENDLESS.toMap(), Map.of()).engineConfig();
    SparkSession spark = Sessions.local();
    try {
      CompletableFuture<Throwable> ended =
          CompletableFuture.supplyAsync(
              () -> {
                spark.sparkContext().setJobGroup("doomed", "doomed", interrupts);
                try {
                  GptOss.complete(
                          spark
                              .range(0, 1_000_000, 1, 2)
                              .selectExpr("concat('How much is ', id % 30, ' + 4?') AS prompt"),
                          ENDLESS)
                      .write()
                      .format("noop")
                      .mode("overwrite")
                      .save();
                  return null;
                } catch (Exception e) {
                  return e;
                }
              });
      await(
          "the engine runs the job's rows",
          () -> {
            assertThat(ended).isNotDone();
            return Engines.stats(config).runningRequests() > 50;
          });
      spark.sparkContext().cancelJobGroup("doomed");
      assertThat(ended.join()).isNotNull();
      Engines.assertIdle();
      // The counters are as of the last step, so one more request has to be made to see them move.
      GptOss.complete(spark.sql("SELECT 'How much is 1 + 1?' AS prompt"), ENDLESS).collectAsList();
      assertThat(Engines.stats(config).runningRequests()).isLessThanOrEqualTo(1);
      assertThat(Engines.stats(config).waitingRequests()).isZero();
    } finally {
      spark.stop();
      Engines.close();
    }
  }
}

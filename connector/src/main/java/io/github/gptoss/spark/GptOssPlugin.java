package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.models.ModelLocator;
import io.github.gptoss.spark.internal.monitor.DriverSide;
import io.github.gptoss.spark.internal.monitor.ExecutorSide;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Spark's plugin ({@code spark.plugins=io.github.gptoss.spark.GptOssPlugin}): opens the engine of
 * {@code spark.gptoss.*} on every executor as it starts, rather than for its first task, gives it
 * the executor's GPU, and shows what engines do in a tab "gpt-oss" of Spark's UI, in Spark's
 * metrics system and in a line of the driver's console. Without {@code spark.gptoss.model} nothing
 * is preloaded, and the rest works for whichever model jobs name.
 *
 * <p>An application whose {@code spark.gptoss.*} are wrong does not start. A model that cannot be
 * opened ahead is one line in the log, and the tasks that need it say why.
 */
public final class GptOssPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverSide(GptOssPlugin::model);
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorSide();
  }

  private static Optional<DriverSide.ModelToPreload> model(SparkContext spark) {
    Map<String, String> conf = SparkConfs.of(spark.getConf());
    if (!OptionValues.ofConf(conf).containsKey(new OptionName(OptionKey.MODEL, false))) {
      return Optional.empty();
    }
    OptionValues options = ResolvedCall.resolve(Map.of(), conf);
    return Optional.of(new DriverSide.ModelToPreload(options, () -> pinned(options, conf, spark)));
  }

  private static OptionValues pinned(
      OptionValues options, Map<String, String> conf, SparkContext spark) {
    ResolvedCall.check(options, conf);
    return ModelLocator.pin(options, SparkConfs.isOneMachine(conf), spark::hadoopConfiguration);
  }
}

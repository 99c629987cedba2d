package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;

/** Tells executors what to preload, and shows what they report. */
public final class DriverSide implements DriverPlugin {
  /**
   * The model that the configuration names.
   *
   * @param options as the configuration has them, checked
   * @param pinned gives the options with the model's present version; may ask other machines
   */
  public record ModelToPreload(OptionValues options, Supplier<OptionValues> pinned) {}

  private final Function<SparkContext, Optional<ModelToPreload>> models;
  private final ExecutorTable table = new ExecutorTable();
  private Pinning pinning;
  private ConsoleLine console;

  /**
   * @param models the model that a configuration names; throws where the configuration is wrong,
   *     which ends the application's start
   */
  public DriverSide(Function<SparkContext, Optional<ModelToPreload>> models) {
    this.models = models;
  }

  @Override
  public Map<String, String> init(SparkContext spark, PluginContext context) {
    Optional<ModelToPreload> model = models.apply(spark);
    pinning = Pinning.start(model);
    spark.addSparkListener(table);
    Optional<OptionValues> options = model.map(ModelToPreload::options);
    if (spark.ui().isDefined()) {
      GptOssTab.attach(spark.ui().get(), table, options);
    }
    console = ConsoleLine.start(table::totals);
    return Map.of();
  }

  @Override
  public void registerMetrics(String appId, PluginContext context) {
    ReportMetrics.ofDriver(table::totals)
        .forEach((name, gauge) -> context.metricRegistry().register(name, gauge));
  }

  @Override
  public Object receive(Object message) {
    if (message instanceof ExecutorReport report) {
      table.report(report);
      return null;
    }
    if (message instanceof Pinning.Question) {
      return pinning.message();
    }
    throw new IllegalArgumentException("no message of this plugin: " + message.getClass());
  }

  @Override
  public void shutdown() {
    if (console != null) {
      console.close();
    }
  }
}

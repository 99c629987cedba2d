package io.github.gptoss.spark.internal.monitor;

import com.codahale.metrics.Gauge;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.State;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The reports' figures under the names that Spark's metrics system shows, each behind {@code
 * plugin.io.github.gptoss.spark.GptOssPlugin}: an executor's own, and on the driver {@code total.*}
 * over all executors.
 */
final class ReportMetrics {
  private ReportMetrics() {}

  static Map<String, Gauge<Number>> ofExecutor(Supplier<ExecutorReport> report) {
    Map<String, Gauge<Number>> gauges = new LinkedHashMap<>();
    add(gauges, "ready", report, r -> r.state() == State.READY ? 1 : 0);
    add(gauges, "loadSeconds", report, ExecutorReport::loadSeconds);
    add(gauges, "copiedBytes", report, ExecutorReport::copiedBytes);
    addWork(gauges, "", () -> report.get().work());
    addLoad(gauges, "", () -> report.get().load());
    return gauges;
  }

  static Map<String, Gauge<Number>> ofDriver(Supplier<Totals> totals) {
    Map<String, Gauge<Number>> gauges = new LinkedHashMap<>();
    add(gauges, "executors.ready", totals, Totals::ready);
    add(gauges, "executors.loading", totals, Totals::loading);
    add(gauges, "executors.failed", totals, Totals::failed);
    add(gauges, "executors.lost", totals, Totals::lost);
    addWork(gauges, "total.", () -> totals.get().work());
    addLoad(gauges, "total.", () -> totals.get().load());
    return gauges;
  }

  private static void addWork(
      Map<String, Gauge<Number>> gauges, String prefix, Supplier<ExecutorReport.Work> work) {
    add(gauges, prefix + "rows", work, ExecutorReport.Work::rows);
    add(gauges, prefix + "errors", work, ExecutorReport.Work::errors);
    add(gauges, prefix + "deduplicated", work, ExecutorReport.Work::deduplicated);
    add(gauges, prefix + "resumed", work, ExecutorReport.Work::resumed);
    add(gauges, prefix + "cached", work, ExecutorReport.Work::cached);
    add(gauges, prefix + "promptTokens", work, ExecutorReport.Work::promptTokens);
    add(gauges, prefix + "generatedTokens", work, ExecutorReport.Work::generatedTokens);
  }

  private static void addLoad(
      Map<String, Gauge<Number>> gauges, String prefix, Supplier<ExecutorReport.Load> load) {
    add(gauges, prefix + "requestsRunning", load, ExecutorReport.Load::running);
    add(gauges, prefix + "requestsWaiting", load, ExecutorReport.Load::waiting);
    add(gauges, prefix + "batchOccupancy", load, ExecutorReport.Load::occupancy);
    add(gauges, prefix + "kvUsedBytes", load, ExecutorReport.Load::kvUsedBytes);
    add(gauges, prefix + "kvTotalBytes", load, ExecutorReport.Load::kvTotalBytes);
    add(gauges, prefix + "promptTokensPerSecond", load, ExecutorReport.Load::promptTokensPerSecond);
    add(
        gauges,
        prefix + "generatedTokensPerSecond",
        load,
        ExecutorReport.Load::generatedTokensPerSecond);
  }

  private static <T> void add(
      Map<String, Gauge<Number>> gauges,
      String name,
      Supplier<T> source,
      Function<T, Number> figure) {
    gauges.put(name, () -> figure.apply(source.get()));
  }
}

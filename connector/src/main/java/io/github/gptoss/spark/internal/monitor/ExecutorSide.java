package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.completions.CompletionCounters;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.GpuDevice;
import io.github.gptoss.spark.internal.models.CopyProgress;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.State;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Preloads the model on an executor and reports on its engine. Nothing here holds up a task. */
public final class ExecutorSide implements ExecutorPlugin {
  /** How often executors report. */
  static final long PERIOD_MILLIS = 2_000;

  /**
   * Where the driver runs the tasks, its own metrics say it all, and Spark has no name yet for
   * more.
   */
  private static final String DRIVER = "driver";

  private static final Logger LOG = LoggerFactory.getLogger(ExecutorSide.class);

  private final ScheduledExecutorService timer = DaemonThreads.timer("gptoss-report");
  private PluginContext context;
  private List<String> devices;
  private Preload preload;
  private ReportMeter meter;
  private volatile ExecutorReport latest;

  @Override
  public void init(PluginContext pluginContext, Map<String, String> extraConf) {
    context = pluginContext;
    devices = GpuDevice.assign(context.resources());
    latest = ExecutorReport.starting(context.executorID());
    EngineRegistry.Status view = EngineRegistry.shared().view();
    meter =
        new ReportMeter(
            CompletionCounters.shared().counts(),
            view.engine() == null ? null : view.engine().stats(),
            System.nanoTime());
    if (!context.executorID().equals(DRIVER)) {
      registerMetrics();
    }
    preload = Preload.start(() -> Pinning.Answer.of((byte[]) context.ask(new Pinning.Question())));
    timer.scheduleAtFixedRate(this::tell, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void registerMetrics() {
    ReportMetrics.ofExecutor(() -> latest)
        .forEach((name, gauge) -> context.metricRegistry().register(name, gauge));
  }

  private synchronized void tell() {
    try {
      latest = report();
      context.send(latest);
    } catch (IOException | RuntimeException e) {
      // The next report says all that this one would have said.
      LOG.debug("a report did not reach the driver", e);
    }
  }

  private ExecutorReport report() {
    EngineRegistry.Status view = EngineRegistry.shared().view();
    meter.measure(
        CompletionCounters.shared().counts(),
        view.engine() == null ? null : view.engine().stats(),
        System.nanoTime());
    CopyProgress copy = view.copying();
    State state = state(view, copy);
    boolean isCopying = state == State.COPYING;
    return new ExecutorReport(
        context.executorID(),
        devices,
        state,
        state == State.FAILED ? preload.problem() : null,
        view.config() == null ? null : view.config().model(),
        view.engine() == null ? null : view.engine().info().backend(),
        view.engine() == null ? 0 : view.engine().info().loadNanos() / 1e9,
        isCopying ? copy.bytes() : 0,
        isCopying ? copy.totalBytes() : 0,
        meter.work(),
        meter.load());
  }

  private State state(EngineRegistry.Status view, CopyProgress copy) {
    if (view.isDead()) {
      return State.DEAD;
    }
    if (view.engine() != null) {
      return State.READY;
    }
    if (view.config() != null) {
      return copy != null && copy.bytes() < copy.totalBytes() ? State.COPYING : State.LOADING;
    }
    return preload.problem() == null ? State.IDLE : State.FAILED;
  }

  @Override
  public void shutdown() {
    preload.stop();
    timer.shutdownNow();
    tell();
  }
}

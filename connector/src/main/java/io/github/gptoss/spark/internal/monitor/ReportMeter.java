package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.spark.internal.completions.CompletionCounters;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.Load;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.Work;

/**
 * Turns counters into what happened between two reports. Counts go on where one engine takes the
 * place of another, and leave out what was before the first report. Belongs to one thread.
 */
final class ReportMeter {
  private final CompletionCounters.Counts start;
  private CompletionCounters.Counts rows;
  private EngineStats before;
  private long beforeNanos;
  private long promptTokens;
  private long generatedTokens;
  private Load load = Load.NONE;

  /**
   * @param stats of the engine that is open already; null if none is
   */
  ReportMeter(CompletionCounters.Counts start, EngineStats stats, long nowNanos) {
    this.start = start;
    rows = start;
    before = stats;
    beforeNanos = nowNanos;
  }

  /**
   * @param stats null while no engine is open
   */
  void measure(CompletionCounters.Counts now, EngineStats stats, long nowNanos) {
    rows = now;
    double seconds = (nowNanos - beforeNanos) / 1e9;
    beforeNanos = nowNanos;
    if (stats == null) {
      before = null;
      load = Load.NONE;
      return;
    }
    // Another engine counts from 0.
    EngineStats from = before != null && before.steps() <= stats.steps() ? before : null;
    long prompt = stats.promptTokens() - (from == null ? 0 : from.promptTokens());
    long generated = stats.generatedTokens() - (from == null ? 0 : from.generatedTokens());
    long steps = stats.steps() - (from == null ? 0 : from.steps());
    long scheduled = stats.scheduledTokens() - (from == null ? 0 : from.scheduledTokens());
    promptTokens += prompt;
    generatedTokens += generated;
    load =
        new Load(
            stats.runningRequests(),
            stats.waitingRequests(),
            steps == 0 ? 0 : (double) scheduled / steps / Math.max(1, stats.maxStepTokens()),
            stats.kvUsedBytes(),
            stats.kvTotalBytes(),
            seconds > 0 ? prompt / seconds : 0,
            seconds > 0 ? generated / seconds : 0);
    before = stats;
  }

  Work work() {
    return new Work(
        rows.rows() - start.rows(),
        rows.errors() - start.errors(),
        rows.deduplicated() - start.deduplicated(),
        rows.resumed() - start.resumed(),
        rows.cached() - start.cached(),
        promptTokens,
        generatedTokens);
  }

  Load load() {
    return load;
  }
}

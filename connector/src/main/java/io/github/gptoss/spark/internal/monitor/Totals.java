package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.monitor.ExecutorReport.Load;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.State;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.Work;
import java.util.List;

/**
 * All executors together.
 *
 * @param work of all executors, the lost ones included
 * @param load of those that live; occupancy is the mean over those that are at work
 */
record Totals(int ready, int loading, int failed, int lost, boolean isBusy, Work work, Load load) {

  /**
   * @param forgotten work of executors that are lost and no longer among the rows
   */
  static Totals of(List<ExecutorTable.Row> rows, int forgottenExecutors, Work forgotten) {
    List<ExecutorReport> alive =
        rows.stream().filter(row -> !row.isLost()).map(ExecutorTable.Row::report).toList();
    return new Totals(
        count(alive, State.READY),
        count(alive, State.LOADING, State.COPYING),
        count(alive, State.FAILED, State.DEAD),
        forgottenExecutors + rows.size() - alive.size(),
        alive.stream().anyMatch(ExecutorReport::isBusy),
        rows.stream().map(row -> row.report().work()).reduce(forgotten, Work::plus),
        load(alive.stream().map(ExecutorReport::load).toList()));
  }

  private static int count(List<ExecutorReport> reports, State... states) {
    return (int) reports.stream().filter(r -> List.of(states).contains(r.state())).count();
  }

  private static Load load(List<Load> loads) {
    return new Load(
        loads.stream().mapToInt(Load::running).sum(),
        loads.stream().mapToInt(Load::waiting).sum(),
        loads.stream().mapToDouble(Load::occupancy).filter(share -> share > 0).average().orElse(0),
        loads.stream().mapToLong(Load::kvUsedBytes).sum(),
        loads.stream().mapToLong(Load::kvTotalBytes).sum(),
        loads.stream().mapToDouble(Load::promptTokensPerSecond).sum(),
        loads.stream().mapToDouble(Load::generatedTokensPerSecond).sum());
  }
}

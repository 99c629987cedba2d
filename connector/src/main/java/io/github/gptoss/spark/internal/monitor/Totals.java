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

  static Totals of(List<ExecutorRow> rows) {
    int ready = 0;
    int loading = 0;
    int failed = 0;
    int lost = 0;
    int atWork = 0;
    boolean isBusy = false;
    Work work = Work.NONE;
    Load sum = Load.NONE;
    for (ExecutorRow row : rows) {
      work = work.plus(row.report().work());
      if (row.isLost()) {
        lost++;
        continue;
      }
      State state = row.report().state();
      ready += state == State.READY ? 1 : 0;
      loading += state == State.LOADING || state == State.COPYING ? 1 : 0;
      failed += state == State.FAILED || state == State.DEAD ? 1 : 0;
      isBusy |= row.report().isBusy();
      Load load = row.report().load();
      atWork += load.occupancy() > 0 ? 1 : 0;
      sum = plus(sum, load);
    }
    return new Totals(ready, loading, failed, lost, isBusy, work, meanOccupancy(sum, atWork));
  }

  private static Load plus(Load a, Load b) {
    return new Load(
        a.running() + b.running(),
        a.waiting() + b.waiting(),
        a.occupancy() + b.occupancy(),
        a.kvUsedBytes() + b.kvUsedBytes(),
        a.kvTotalBytes() + b.kvTotalBytes(),
        a.promptTokensPerSecond() + b.promptTokensPerSecond(),
        a.generatedTokensPerSecond() + b.generatedTokensPerSecond());
  }

  private static Load meanOccupancy(Load sum, int atWork) {
    return new Load(
        sum.running(),
        sum.waiting(),
        atWork == 0 ? 0 : sum.occupancy() / atWork,
        sum.kvUsedBytes(),
        sum.kvTotalBytes(),
        sum.promptTokensPerSecond(),
        sum.generatedTokensPerSecond());
  }
}

package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.monitor.ExecutorReport.Load;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.State;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.Work;
import java.util.List;

/** Reports of tests. */
final class Reports {
  private Reports() {}

  static ExecutorReport ready(String executor, long rows, double occupancy) {
    return new ExecutorReport(
        executor,
        List.of("2"),
        State.READY,
        null,
        "demo",
        "cpu: 2 threads",
        1.25,
        0,
        0,
        new Work(rows, 1, 2, 3, 4, 400, 50),
        new Load(5, 7, occupancy, 1 << 20, 4 << 20, 100, 10));
  }

  static ExecutorReport failed(String executor, String problem) {
    return new ExecutorReport(
        executor, List.of(), State.FAILED, problem, null, null, 0, 0, 0, Work.NONE, Load.NONE);
  }

  static ExecutorReport copying(String executor) {
    return new ExecutorReport(
        executor,
        List.of(),
        State.COPYING,
        null,
        "hf://a/b",
        null,
        0,
        3L << 30,
        13L << 30,
        Work.NONE,
        Load.NONE);
  }
}

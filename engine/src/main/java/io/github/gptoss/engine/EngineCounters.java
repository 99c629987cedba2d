package io.github.gptoss.engine;

import io.github.gptoss.engine.scheduler.SchedulerStats;

/** What an engine has done so far; of its thread, which hands out snapshots. */
final class EngineCounters {
  private final ModelSession session;
  private final int maxStepTokens;

  private long promptTokens;
  private long generatedTokens;
  private long steps;
  private long scheduledTokens;
  private int stepTokens;
  private long busyNanos;
  private long maskWaitNanos;

  EngineCounters(ModelSession session, int maxStepTokens) {
    this.session = session;
    this.maxStepTokens = maxStepTokens;
  }

  void step(int tokens, long nanos) {
    steps++;
    stepTokens = tokens;
    scheduledTokens += tokens;
    busyNanos += nanos;
  }

  /** A step has waited for the tokens that may be chosen. */
  void maskWait(long nanos) {
    maskWaitNanos += nanos;
  }

  /** There is no work: the latest step tells nothing about now. */
  void rest() {
    stepTokens = 0;
  }

  void prompt(int computedTokens) {
    promptTokens += computedTokens;
  }

  void generated(int tokens) {
    generatedTokens += tokens;
  }

  EngineStats snapshot() {
    SchedulerStats s = session.scheduler().stats();
    return new EngineStats(
        s.running(),
        s.waiting(),
        promptTokens,
        generatedTokens,
        s.prefixHitTokens(),
        steps,
        scheduledTokens,
        s.preemptions(),
        session.kvUsedBytes(s),
        session.kvTotalBytes(),
        busyNanos,
        maskWaitNanos,
        stepTokens,
        maxStepTokens,
        s.full().used() + s.window().used(),
        session.kvTotalBlocks(),
        session.info().loadNanos());
  }
}

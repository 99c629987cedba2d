package io.github.gptoss.engine.scheduler;

/**
 * Limits of the scheduler.
 *
 * @param maxRunning most sequences that hold KV memory at once; at most {@code maxStepTokens}
 * @param maxStepTokens most tokens that one step computes
 * @param maxChunkTokens most tokens that one step computes of one sequence; at most {@code
 *     maxStepTokens}. It also sizes the window group's ring, so it need not exceed the context.
 * @param maxWaiting most sequences that may wait for admission before {@link Scheduler#offer}
 *     refuses; preempted sequences come on top
 * @param prefixSharing whether sequences share the blocks of a common prefix
 */
public record SchedulerConfig(
    int maxRunning, int maxStepTokens, int maxChunkTokens, int maxWaiting, boolean prefixSharing) {
  /** Fails if a limit is not positive or limits contradict each other. */
  public SchedulerConfig {
    requirePositive("maxRunning", maxRunning);
    requirePositive("maxStepTokens", maxStepTokens);
    requirePositive("maxChunkTokens", maxChunkTokens);
    requirePositive("maxWaiting", maxWaiting);
    if (maxStepTokens < maxRunning) {
      throw SchedulerErrors.stepSmallerThanRunning(maxStepTokens, maxRunning);
    }
    if (maxChunkTokens > maxStepTokens) {
      throw SchedulerErrors.chunkLargerThanStep(maxChunkTokens, maxStepTokens);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw SchedulerErrors.notPositive(name, value);
    }
  }
}

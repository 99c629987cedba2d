package io.github.gptoss.engine.scheduler;

/**
 * What the scheduler holds now and has done since it was made.
 *
 * @param running sequences that hold KV blocks
 * @param waiting sequences that wait for admission, preempted ones included
 * @param full blocks of the full-attention group
 * @param window blocks of the sliding-window group
 * @param computedTokens tokens that steps computed, recomputation included
 * @param prefixHitTokens tokens that admissions, repeated ones included, took from shared blocks
 * @param preemptions how often a sequence lost its blocks to an older one
 */
public record SchedulerStats(
    int running,
    int waiting,
    Blocks full,
    Blocks window,
    long computedTokens,
    long prefixHitTokens,
    long preemptions) {
  /** Blocks of one group; cached ones are good for sharing until the memory is needed. */
  public record Blocks(int free, int cached, int used) {
    static Blocks of(BlockPool pool) {
      return new Blocks(pool.freeCount(), pool.cachedCount(), pool.size() - pool.available());
    }
  }
}

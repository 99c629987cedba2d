package io.github.gptoss.engine.scheduler;

import static io.github.gptoss.engine.scheduler.KvCacheConfig.ceilDiv;
import static io.github.gptoss.engine.scheduler.KvCacheConfig.lookBackBlocks;

/**
 * Divides KV memory between the two groups of layers.
 *
 * @param fullBlockBytes bytes of one block over all full-attention layers; 0 if there are none
 * @param windowBlockBytes bytes of one block over all sliding-window layers; 0 if there are none
 * @param scheduler whose sequences have to fit
 */
public record KvDivision(
    long fullBlockBytes,
    long windowBlockBytes,
    int blockTokens,
    int windowTokens,
    SchedulerConfig scheduler) {

  /** Fails if {@code blockTokens} is no power of two. */
  public KvDivision {
    KvCacheConfig.requirePowerOfTwo(blockTokens);
  }

  /**
   * Splits a memory budget into the two groups. The window group comes first, because its need is
   * small and known: what {@code scheduler.maxRunning()} sequences hold during one step, and a
   * quarter more to keep shared prefixes, within half of the budget where the model also has full
   * layers. The full group gets the rest, up to {@code maxRunning} whole contexts; what is then
   * left stays unspent. Fails if the budget does not hold one sequence's window and chunk.
   */
  public KvCacheConfig divide(long kvBytes, int maxContextTokens) {
    if (maxContextTokens < 1) {
      throw SchedulerErrors.notPositive("maxContextTokens", maxContextTokens);
    }
    if (kvBytes < leastBytes()) {
      throw SchedulerErrors.budgetTooSmall(kvBytes, leastBytes());
    }
    long contextBlocks = ceilDiv(maxContextTokens, blockTokens);
    long addressableBlocks = Integer.MAX_VALUE / blockTokens;
    long usefulBlocks = Math.min(scheduler.maxRunning() * contextBlocks, addressableBlocks);

    long windowBlocks = 0;
    if (windowBlockBytes > 0) {
      long shareBytes =
          fullBlockBytes > 0 ? Math.min(kvBytes / 2, kvBytes - fullBlockBytes) : kvBytes;
      windowBlocks = Math.min(comfortBlocks(), usefulBlocks);
      windowBlocks = Math.min(windowBlocks, shareBytes / windowBlockBytes);
      windowBlocks = Math.max(windowBlocks, ringBlocks());
    }
    long windowBytes = windowBlocks * windowBlockBytes;
    long fullBlocks = 0;
    if (fullBlockBytes > 0) {
      fullBlocks = Math.min((kvBytes - windowBytes) / fullBlockBytes, usefulBlocks);
    }
    KvCacheConfig.requireAddressable("windowBlocks", windowBlocks, blockTokens);
    return new KvCacheConfig(blockTokens, (int) fullBlocks, windowTokens, (int) windowBlocks);
  }

  /** The least budget that {@link #divide} takes, in bytes. */
  public long leastBytes() {
    return fullBlockBytes + ringBytes();
  }

  /** The budget in bytes from which on {@link #divide} makes room for such a sequence. */
  public long bytesForContext(int contextTokens) {
    long fullBytes = ceilDiv(contextTokens, blockTokens) * fullBlockBytes;
    // Half of a tight budget goes to the window group, which takes no more than its comfort.
    long comfortBytes = windowBlockBytes == 0 ? 0 : comfortBlocks() * windowBlockBytes;
    return fullBytes + Math.max(ringBytes(), Math.min(comfortBytes, fullBytes));
  }

  private long ringBytes() {
    return windowBlockBytes == 0 ? 0 : ringBlocks() * windowBlockBytes;
  }

  private long ringBlocks() {
    return KvCacheConfig.ringBlocks(windowTokens, blockTokens, scheduler.maxChunkTokens());
  }

  /** Window blocks beyond which more are of no use. */
  private long comfortBlocks() {
    long stepNeed =
        scheduler.maxRunning() * (lookBackBlocks(windowTokens, blockTokens) + 2)
            + ceilDiv(scheduler.maxStepTokens(), blockTokens);
    return stepNeed + stepNeed / 4;
  }
}

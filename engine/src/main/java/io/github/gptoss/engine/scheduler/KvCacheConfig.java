package io.github.gptoss.engine.scheduler;

/**
 * Shape of the paged KV cache. Block {@code b} of a group holds the slots {@code [b * blockTokens,
 * (b + 1) * blockTokens)} of every layer in that group.
 *
 * @param blockTokens tokens a block, a power of two, the same in both groups
 * @param fullBlocks blocks of the group of full-attention layers; 0 if the model has none
 * @param windowTokens tokens that a query of a sliding-window layer sees, itself included; 0 if the
 *     model has no such layer
 * @param windowBlocks blocks of the group of sliding-window layers; 0 exactly if {@code
 *     windowTokens} is 0
 */
public record KvCacheConfig(int blockTokens, int fullBlocks, int windowTokens, int windowBlocks) {
  /**
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a number is out of range or
   *     numbers contradict each other
   */
  public KvCacheConfig {
    if (Integer.bitCount(blockTokens) != 1 || blockTokens < 0) {
      throw SchedulerErrors.blockTokensNotPowerOfTwo(blockTokens);
    }
    requireNotNegative("fullBlocks", fullBlocks);
    requireNotNegative("windowTokens", windowTokens);
    requireNotNegative("windowBlocks", windowBlocks);
    if (fullBlocks == 0 && windowBlocks == 0) {
      throw SchedulerErrors.noKvBlocks();
    }
    if ((windowTokens == 0) != (windowBlocks == 0)) {
      throw SchedulerErrors.windowWithoutBlocks(windowTokens, windowBlocks);
    }
    requireAddressable("fullBlocks", fullBlocks, blockTokens);
    requireAddressable("windowBlocks", windowBlocks, blockTokens);
  }

  /**
   * Splits a memory budget into the two groups. The window group comes first, because its need is
   * small and known: what {@code scheduler.maxRunning()} sequences hold during one step, and a
   * quarter more to keep shared prefixes, within half of the budget where the model also has full
   * layers. The full group gets the rest, up to {@code maxRunning} whole contexts; what is then
   * left stays unspent.
   *
   * @param kvBytes budget of both groups together
   * @param fullBlockBytes bytes of one block over all full-attention layers; 0 if there are none
   * @param windowBlockBytes bytes of one block over all sliding-window layers; 0 if there are none
   * @param windowTokens see {@link #windowTokens()}
   * @param maxContextTokens longest sequence
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the budget does not hold one
   *     sequence's window and chunk
   */
  public static KvCacheConfig forBudget(
      long kvBytes,
      long fullBlockBytes,
      long windowBlockBytes,
      int blockTokens,
      int windowTokens,
      int maxContextTokens,
      SchedulerConfig scheduler) {
    if (Integer.bitCount(blockTokens) != 1 || blockTokens < 0) {
      throw SchedulerErrors.blockTokensNotPowerOfTwo(blockTokens);
    }
    if (maxContextTokens < 1) {
      throw SchedulerErrors.notPositive("maxContextTokens", maxContextTokens);
    }
    long leastBytes =
        leastBytes(fullBlockBytes, windowBlockBytes, blockTokens, windowTokens, scheduler);
    if (kvBytes < leastBytes) {
      throw SchedulerErrors.budgetTooSmall(kvBytes, leastBytes);
    }
    long contextBlocks = ceilDiv(maxContextTokens, blockTokens);
    long addressableBlocks = Integer.MAX_VALUE / blockTokens;
    long usefulBlocks = Math.min(scheduler.maxRunning() * contextBlocks, addressableBlocks);

    long windowBlocks = 0;
    if (windowBlockBytes > 0) {
      long ring = ringBlocks(windowTokens, blockTokens, scheduler.maxChunkTokens());
      long shareBytes =
          fullBlockBytes > 0 ? Math.min(kvBytes / 2, kvBytes - fullBlockBytes) : kvBytes;
      windowBlocks = Math.min(comfortBlocks(windowTokens, blockTokens, scheduler), usefulBlocks);
      windowBlocks = Math.min(windowBlocks, shareBytes / windowBlockBytes);
      windowBlocks = Math.max(windowBlocks, ring);
    }
    long windowBytes = windowBlocks * windowBlockBytes;
    long fullBlocks = 0;
    if (fullBlockBytes > 0) {
      fullBlocks = Math.min((kvBytes - windowBytes) / fullBlockBytes, usefulBlocks);
    }
    requireAddressable("windowBlocks", windowBlocks, blockTokens);
    return new KvCacheConfig(blockTokens, (int) fullBlocks, windowTokens, (int) windowBlocks);
  }

  /** The least budget that {@link #forBudget} takes, in bytes; parameters as there. */
  public static long leastBytes(
      long fullBlockBytes,
      long windowBlockBytes,
      int blockTokens,
      int windowTokens,
      SchedulerConfig scheduler) {
    long ring =
        windowBlockBytes == 0
            ? 0
            : ringBlocks(windowTokens, blockTokens, scheduler.maxChunkTokens());
    return fullBlockBytes + ring * windowBlockBytes;
  }

  /**
   * The budget from which on {@link #forBudget} makes room for a sequence of {@code contextTokens},
   * in bytes; parameters as there.
   */
  public static long bytesForContext(
      long fullBlockBytes,
      long windowBlockBytes,
      int blockTokens,
      int windowTokens,
      int contextTokens,
      SchedulerConfig scheduler) {
    long fullBytes = ceilDiv(contextTokens, blockTokens) * fullBlockBytes;
    if (windowBlockBytes == 0) {
      return fullBytes;
    }
    long ring = ringBlocks(windowTokens, blockTokens, scheduler.maxChunkTokens());
    long comfort = comfortBlocks(windowTokens, blockTokens, scheduler);
    // Half of a tight budget goes to the window group, which takes no more than its comfort.
    return fullBytes
        + Math.max(ring * windowBlockBytes, Math.min(comfort * windowBlockBytes, fullBytes));
  }

  /** Window blocks beyond which more are of no use. */
  private static long comfortBlocks(int windowTokens, int blockTokens, SchedulerConfig scheduler) {
    long stepNeed =
        scheduler.maxRunning() * (lookBackBlocks(windowTokens, blockTokens) + 2)
            + ceilDiv(scheduler.maxStepTokens(), blockTokens);
    return stepNeed + stepNeed / 4;
  }

  /** Tokens of the longest sequence that fits when it runs alone. */
  public int maxSequenceTokens() {
    return fullBlocks == 0 ? Integer.MAX_VALUE : fullBlocks * blockTokens;
  }

  /**
   * Entries of a sequence's window table: no more blocks than these are alive during a step that
   * computes {@code maxChunkTokens} of it. 0 if there is no window group.
   */
  public int ringBlocks(int maxChunkTokens) {
    return windowTokens == 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, ringBlocks(windowTokens, blockTokens, maxChunkTokens));
  }

  /** Most window blocks that a sequence holds in a step that computes one token of it. */
  int steadyWindowBlocks() {
    return windowTokens == 0 ? 0 : Math.toIntExact(lookBackBlocks(windowTokens, blockTokens) + 1);
  }

  /** Blocks that {@code tokens} tokens take, counted from position 0. */
  int blocksFor(int tokens) {
    return Math.toIntExact(ceilDiv(tokens, blockTokens));
  }

  private static long ringBlocks(int windowTokens, int blockTokens, int maxChunkTokens) {
    return ceilDiv((long) windowTokens + maxChunkTokens, blockTokens) + 1;
  }

  /** Blocks that the {@code windowTokens - 1} tokens before a block's first token touch. */
  private static long lookBackBlocks(int windowTokens, int blockTokens) {
    return ceilDiv(windowTokens - 1L, blockTokens);
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  private static void requireNotNegative(String name, int value) {
    if (value < 0) {
      throw SchedulerErrors.negative(name, value);
    }
  }

  private static void requireAddressable(String name, long blocks, int blockTokens) {
    if (blocks * blockTokens > Integer.MAX_VALUE) {
      throw SchedulerErrors.tooManySlots(name, blocks, blockTokens);
    }
  }
}

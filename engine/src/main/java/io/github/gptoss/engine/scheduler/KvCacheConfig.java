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
  /** Fails if a number is out of range or numbers contradict each other. */
  public KvCacheConfig {
    requirePowerOfTwo(blockTokens);
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

  /** Tokens of the longest sequence that fits when it runs alone. */
  public int maxSequenceTokens() {
    return fullBlocks == 0 ? Integer.MAX_VALUE : fullBlocks * blockTokens;
  }

  /** Most window blocks alive in a step that computes so many tokens of a sequence; 0 for none. */
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

  static long ringBlocks(int windowTokens, int blockTokens, int maxChunkTokens) {
    return ceilDiv((long) windowTokens + maxChunkTokens, blockTokens) + 1;
  }

  /** Blocks that the {@code windowTokens - 1} tokens before a block's first token touch. */
  static long lookBackBlocks(int windowTokens, int blockTokens) {
    return ceilDiv(windowTokens - 1L, blockTokens);
  }

  static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  static void requirePowerOfTwo(int blockTokens) {
    if (Integer.bitCount(blockTokens) != 1 || blockTokens < 0) {
      throw SchedulerErrors.blockTokensNotPowerOfTwo(blockTokens);
    }
  }

  private static void requireNotNegative(String name, int value) {
    if (value < 0) {
      throw SchedulerErrors.negative(name, value);
    }
  }

  static void requireAddressable(String name, long blocks, int blockTokens) {
    if (blocks * blockTokens > Integer.MAX_VALUE) {
      throw SchedulerErrors.tooManySlots(name, blocks, blockTokens);
    }
  }
}

package io.github.gptoss.engine.scheduler;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;

/** Makes this package's errors. */
final class SchedulerErrors {
  private SchedulerErrors() {}

  static InvalidConfigException notPositive(String name, long value) {
    return error("%1$s is %2$d, expected at least 1. Set %1$s to a positive number.", name, value);
  }

  static InvalidConfigException negative(String name, long value) {
    return error("%1$s is %2$d, expected 0 or more. Set %1$s to 0 or more.", name, value);
  }

  static InvalidConfigException blockTokensNotPowerOfTwo(int blockTokens) {
    return error(
        "blockTokens is %d, expected a power of two: a position is split into block and slot by its"
            + " bits. Use 16.",
        blockTokens);
  }

  static InvalidConfigException stepSmallerThanRunning(int maxStepTokens, int maxRunning) {
    return error(
        "maxStepTokens is %d, less than maxRunning %d: every running sequence takes at least one"
            + " token a step. Raise maxStepTokens or lower maxRunning.",
        maxStepTokens, maxRunning);
  }

  static InvalidConfigException chunkLargerThanStep(int maxChunkTokens, int maxStepTokens) {
    return error(
        "maxChunkTokens is %d, more than maxStepTokens %d: a chunk lies within one step. Lower"
            + " maxChunkTokens or raise maxStepTokens.",
        maxChunkTokens, maxStepTokens);
  }

  static InvalidConfigException noKvBlocks() {
    return error(
        "fullBlocks and windowBlocks are both 0: a model has at least one attention layer. Give"
            + " blocks to the group that the model uses.");
  }

  static InvalidConfigException windowWithoutBlocks(int windowTokens, int windowBlocks) {
    return error(
        "windowTokens is %d and windowBlocks is %d: either both are 0 (no sliding-window layers) or"
            + " neither. Make them agree.",
        windowTokens, windowBlocks);
  }

  static InvalidConfigException tooManySlots(String name, long blocks, int blockTokens) {
    return error(
        "%s is %d of %d tokens, more slots than an int can number. Lower the KV memory.",
        name, blocks, blockTokens);
  }

  static InvalidConfigException windowSmallerThanRing(int windowBlocks, int ringBlocks) {
    return error(
        "windowBlocks is %d, but one sequence may need %d for its window and one chunk. Give more KV"
            + " memory or lower maxChunkTokens.",
        windowBlocks, ringBlocks);
  }

  static InvalidConfigException budgetTooSmall(long kvBytes, long neededBytes) {
    return error(
        "The KV memory is %d bytes, but one sequence alone needs at least %d. Raise kv_cache_bytes or"
            + " lower max_num_batched_tokens.",
        kvBytes, neededBytes);
  }

  static InvalidRequestException neverFits(Sequence sequence, long capacityTokens) {
    return new InvalidRequestException(
        "context_length_exceeded",
        ("The request may grow to %d tokens (prompt %d), but the KV memory holds %d"
                + " tokens. Shorten the prompt, lower max_tokens or raise kv_cache_bytes.")
            .formatted(sequence.maxLength(), sequence.promptLength(), capacityTokens));
  }

  // @FormatMethod would need Error Prone's annotations at run time.
  @SuppressWarnings("AnnotateFormatMethod")
  private static InvalidConfigException error(String format, Object... arguments) {
    return new InvalidConfigException(String.format(format, arguments));
  }
}

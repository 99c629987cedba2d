package io.github.gptoss.engine.scheduler;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;

/** Makes this package's errors. */
final class SchedulerErrors {
  private SchedulerErrors() {}

  static InvalidConfigException notPositive(String name, long value) {
    return new InvalidConfigException(
        name + " is " + value + ", expected at least 1. Set " + name + " to a positive number.");
  }

  static InvalidConfigException negative(String name, long value) {
    return new InvalidConfigException(
        name + " is " + value + ", expected 0 or more. Set " + name + " to 0 or more.");
  }

  static InvalidConfigException blockTokensNotPowerOfTwo(int blockTokens) {
    return new InvalidConfigException(
        "blockTokens is "
            + blockTokens
            + ", expected a power of two: a position is split into block and slot by its bits. Use"
            + " 16.");
  }

  static InvalidConfigException stepSmallerThanRunning(int maxStepTokens, int maxRunning) {
    return new InvalidConfigException(
        "maxStepTokens is "
            + maxStepTokens
            + ", less than maxRunning "
            + maxRunning
            + ": every running sequence takes at least one token a step. Raise maxStepTokens or"
            + " lower maxRunning.");
  }

  static InvalidConfigException chunkLargerThanStep(int maxChunkTokens, int maxStepTokens) {
    return new InvalidConfigException(
        "maxChunkTokens is "
            + maxChunkTokens
            + ", more than maxStepTokens "
            + maxStepTokens
            + ": a chunk lies within one step. Lower maxChunkTokens or raise maxStepTokens.");
  }

  static InvalidConfigException noKvBlocks() {
    return new InvalidConfigException(
        "fullBlocks and windowBlocks are both 0: a model has at least one attention layer. Give"
            + " blocks to the group that the model uses.");
  }

  static InvalidConfigException windowWithoutBlocks(int windowTokens, int windowBlocks) {
    return new InvalidConfigException(
        "windowTokens is "
            + windowTokens
            + " and windowBlocks is "
            + windowBlocks
            + ": either both are 0 (no sliding-window layers) or neither. Make them agree.");
  }

  static InvalidConfigException tooManySlots(String name, long blocks, int blockTokens) {
    return new InvalidConfigException(
        name
            + " is "
            + blocks
            + " of "
            + blockTokens
            + " tokens, more slots than an int can number. Lower the KV memory.");
  }

  static InvalidConfigException windowSmallerThanRing(int windowBlocks, int ringBlocks) {
    return new InvalidConfigException(
        "windowBlocks is "
            + windowBlocks
            + ", but one sequence may need "
            + ringBlocks
            + " for its window and one chunk. Give more KV memory or lower maxChunkTokens.");
  }

  static InvalidConfigException budgetTooSmall(long kvBytes, long neededBytes) {
    return new InvalidConfigException(
        "The KV memory is "
            + kvBytes
            + " bytes, but one sequence alone needs at least "
            + neededBytes
            + ". Raise kv_cache_bytes or lower max_num_batched_tokens.");
  }

  static InvalidRequestException neverFits(Sequence sequence, long capacityTokens) {
    return new InvalidRequestException(
        "context_length_exceeded",
        "The request may grow to "
            + sequence.maxLength()
            + " tokens (prompt "
            + sequence.promptLength()
            + "), but the KV memory holds "
            + capacityTokens
            + " tokens. Shorten the prompt, lower max_tokens or raise kv_cache_bytes.");
  }
}

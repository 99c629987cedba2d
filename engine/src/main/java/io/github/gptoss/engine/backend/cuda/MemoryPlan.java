package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.KvBudget;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where the memory of one or several devices goes: weights, activations, keys and values.
 *
 * @param totalBytes of each device
 * @param utilization share of each device's memory that is used where no option names a size for
 *     keys and values; the rest is the driver's and for other processes
 */
record MemoryPlan(ModelConfig config, LayerSplit split, long[] totalBytes, double utilization) {
  /** More devices than these share no model's layers. */
  private static final int MOST_DEVICES = 8;

  private static final int LEAST_LOGITS_ROWS = 64;
  private static final int MOST_LOGITS_ROWS = 512;

  /** Part of a device's memory that logits may take. */
  private static final int LOGITS_DIVISOR = 256;

  /** Keys and values of one token in all layers of a kind, bfloat16. */
  static long bytesPerToken(ModelConfig config, AttentionKind kind) {
    return config.layersOf(kind) * layerBytesPerToken(config);
  }

  private static long layerBytesPerToken(ModelConfig config) {
    return 2L * 2 * config.kvWidth();
  }

  /** Logits rows that are computed at a time. */
  int logitsRows() {
    long fit = totalBytes[totalBytes.length - 1] / LOGITS_DIVISOR / (4L * config.vocabSize());
    return (int) Math.max(LEAST_LOGITS_ROWS, Math.min(MOST_LOGITS_ROWS, fit));
  }

  /** Positions that keys and values of so many blocks, and so the rotary table, can have. */
  int positions(Capacity capacity) {
    boolean full = config.attention().contains(AttentionKind.FULL);
    long held = (long) capacity.fullBlocks() * capacity.blockTokens();
    return full ? (int) Math.min(config.maxPositions(), held) : config.maxPositions();
  }

  /** What a device's stage takes for steps of so many tokens, keys and values aside. */
  StageMemory stage(int maxTokens, int positions) {
    int adapterRank = split.weights().adapters().rank();
    return new StageMemory(config, maxTokens, positions, logitsRows(), adapterRank);
  }

  private long activationBytes(int device, int maxTokens, int positions) {
    return stage(maxTokens, positions).total(device == split.devices() - 1);
  }

  /**
   * KV memory, all devices together, where no option names a size: the most, give or take a block,
   * of which each device can hold what falls to its layers. Depends on the devices' sizes alone.
   * Fails if not even one sequence fits.
   */
  long kvBytes(KvBudget budget) {
    long low = budget.leastBytes();
    require(budget.divide(low), utilization);
    long high = Math.max(low, Arrays.stream(totalBytes).sum());
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (fits(budget.divide(middle))) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Sequences whose keys and values, of so many tokens each, fit beside all else. */
  long sequences(int maxTokens, long fullTokens, long windowTokens) {
    long least = Long.MAX_VALUE;
    for (int d = 0; d < split.devices(); d++) {
      long each = kvBytes(d, fullTokens, windowTokens);
      long left = (long) (utilization * totalBytes[d]) - fixedBytes(d, maxTokens);
      least = Math.min(least, left < 0 ? 0 : each == 0 ? Long.MAX_VALUE : left / each);
    }
    return least;
  }

  /** The share of memory from which on one such sequence fits; above 1 where none ever does. */
  double leastUtilization(int maxTokens, long fullTokens, long windowTokens) {
    double most = 0;
    for (int d = 0; d < split.devices(); d++) {
      double bytes = fixedBytes(d, maxTokens) + kvBytes(d, fullTokens, windowTokens);
      most = Math.max(most, bytes / totalBytes[d]);
    }
    return most;
  }

  /** Weights, and what steps take of any context. */
  private long fixedBytes(int device, int maxTokens) {
    return split.bytes(device) + activationBytes(device, maxTokens, config.maxPositions());
  }

  private long kvBytes(int device, Capacity capacity) {
    long blockTokens = capacity.blockTokens();
    return kvBytes(
        device, blockTokens * capacity.fullBlocks(), blockTokens * capacity.windowBlocks());
  }

  private long kvBytes(int device, long fullTokens, long windowTokens) {
    long tokens = 0; // of all layers
    for (AttentionKind kind : config.attention().subList(split.from(device), split.to(device))) {
      tokens += kind == AttentionKind.FULL ? fullTokens : windowTokens;
    }
    return tokens * layerBytesPerToken(config);
  }

  private long neededBytes(int device, Capacity capacity) {
    return split.bytes(device) + runningBytes(device, capacity);
  }

  /** What a device needs beside the weights. */
  long runningBytes(int device, Capacity capacity) {
    return activationBytes(device, capacity.maxTokens(), positions(capacity))
        + kvBytes(device, capacity);
  }

  /** Whether all fits in the share of memory that may be used. */
  boolean fits(Capacity capacity) {
    return tooFull(capacity, utilization) < 0;
  }

  /** The first device that needs more than this share of its memory, or -1. */
  private int tooFull(Capacity capacity, double share) {
    for (int d = 0; d < split.devices(); d++) {
      if (neededBytes(d, capacity) > share * totalBytes[d]) {
        return d;
      }
    }
    return -1;
  }

  private void require(Capacity capacity, double share) {
    int d = tooFull(capacity, share);
    if (d >= 0) {
      long bytes = neededBytes(d, capacity);
      throw CudaErrors.doesNotFit(
          d,
          totalBytes[d],
          share,
          bytes,
          describe(capacity),
          split.adapterBytes(d),
          devicesThatHold(capacity));
    }
  }

  /** Fails if a device cannot hold its part. */
  void requireFits(Capacity capacity) {
    require(capacity, 1);
  }

  /** Fails if a device cannot hold its weights, let alone what else there is. */
  void requireHoldsWeights() {
    for (int d = 0; d < split.devices(); d++) {
      if (split.bytes(d) > totalBytes[d]) {
        throw CudaErrors.weightsDoNotFit(
            d,
            totalBytes[d],
            split.bytes(d),
            split.adapterBytes(d),
            devicesThatHold(new Capacity(1, 1, 1, 1)));
      }
    }
  }

  /** How many devices like the smallest would hold all this; 0 if not even the most do. */
  private int devicesThatHold(Capacity capacity) {
    long memory = Arrays.stream(totalBytes).min().orElseThrow();
    for (int count = 1; count <= Math.min(MOST_DEVICES, config.layers()); count++) {
      long[] memories = new long[count];
      Arrays.fill(memories, memory);
      MemoryPlan plan =
          new MemoryPlan(config, LayerSplit.of(split.weights(), memories), memories, utilization);
      if (plan.fits(capacity)) {
        return count;
      }
    }
    return 0;
  }

  String describeWeights() {
    return ofDevices(
        "weights: ",
        d ->
            "layers %d to %d, %s"
                    .formatted(split.from(d), split.to(d) - 1, mebibytes(modelBytes(d)))
                + adapters(d));
  }

  String describe(Capacity capacity) {
    return ofDevices(
        "memory: ",
        d ->
            "weights %s%s, activations %s, keys and values %s"
                .formatted(
                    mebibytes(modelBytes(d)),
                    adapters(d),
                    mebibytes(activationBytes(d, capacity.maxTokens(), positions(capacity))),
                    mebibytes(kvBytes(d, capacity))));
  }

  private long modelBytes(int device) {
    return split.bytes(device) - split.adapterBytes(device);
  }

  private String adapters(int device) {
    long bytes = split.adapterBytes(device);
    return bytes == 0 ? "" : ", adapters " + mebibytes(bytes);
  }

  private String ofDevices(String title, IntFunction<String> parts) {
    return IntStream.range(0, split.devices())
        .mapToObj(d -> "device %d: %s of %s".formatted(d, parts.apply(d), mebibytes(totalBytes[d])))
        .collect(Collectors.joining("; ", title, ""));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}

package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import java.util.Locale;

/** Where the memory of one or several devices goes: weights, activations, keys and values. */
final class MemoryPlan {
  /** Share of a device's memory that is used; the rest is the driver's and for other processes. */
  private static final double UTILIZATION = 0.9;

  private static final int LEAST_LOGITS_ROWS = 64;
  private static final int MOST_LOGITS_ROWS = 512;

  /** Part of a device's memory that logits may take. */
  private static final int LOGITS_DIVISOR = 256;

  private final ModelConfig config;
  private final LayerSplit split;
  private final long[] totalBytes;

  MemoryPlan(ModelConfig config, LayerSplit split, long[] totalBytes) {
    this.config = config;
    this.split = split;
    this.totalBytes = totalBytes.clone();
  }

  /** Keys and values of one token in all layers of a kind, bfloat16. */
  long bytesPerToken(AttentionKind kind) {
    return bytesPerToken(kind, 0, config.layers());
  }

  private long bytesPerToken(AttentionKind kind, int fromLayer, int toLayer) {
    long layers =
        config.attention().subList(fromLayer, toLayer).stream().filter(kind::equals).count();
    return layers * 2 * 2 * config.kvWidth();
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

  /** Activations, step tables and rotary table of a device for steps of so many tokens. */
  private long activationBytes(int device, int maxTokens, int positions) {
    long pairs = (long) maxTokens * config.expertsPerToken();
    long bf16 =
        (long) maxTokens * (6L * config.hiddenSize() + 2L * config.queryWidth())
            + pairs * (config.intermediateSize() + config.hiddenSize());
    long tables = 4L * maxTokens * (config.experts() + 16L) + 4L * 8 * pairs + (16L << 20);
    long rope = 4L * config.headDim() * positions;
    long logits =
        device == split.devices() - 1
            ? (long) logitsRows() * (4L * config.vocabSize() + 2L * config.hiddenSize())
            : 0;
    return 2 * bf16 + tables + rope + logits;
  }

  /**
   * KV memory, all devices together, where nobody names a size: what the fullest device has left.
   * Depends on the devices' sizes alone.
   */
  long kvBytes(int maxTokens) {
    double most = Double.MAX_VALUE;
    double perToken = kvShare(0, config.layers());
    for (int d = 0; d < split.devices(); d++) {
      double share = kvShare(split.from(d), split.to(d)) / perToken;
      if (share > 0) {
        most = Math.min(most, leftBytes(d, maxTokens) / share);
      }
    }
    return (long) Math.max(0, most);
  }

  private double kvShare(int fromLayer, int toLayer) {
    return bytesPerToken(AttentionKind.FULL, fromLayer, toLayer)
        + bytesPerToken(AttentionKind.WINDOW, fromLayer, toLayer);
  }

  private long leftBytes(int device, int maxTokens) {
    return (long) (UTILIZATION * totalBytes[device])
        - split.bytes(device)
        - activationBytes(device, maxTokens, config.maxPositions());
  }

  private long kvBytes(int device, Capacity capacity) {
    return capacity.blockTokens()
        * (capacity.fullBlocks()
                * bytesPerToken(AttentionKind.FULL, split.from(device), split.to(device))
            + capacity.windowBlocks()
                * bytesPerToken(AttentionKind.WINDOW, split.from(device), split.to(device)));
  }

  /**
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a device cannot hold its part
   */
  void requireFits(Capacity capacity) {
    for (int d = 0; d < split.devices(); d++) {
      long needed =
          split.bytes(d)
              + activationBytes(d, capacity.maxTokens(), positions(capacity))
              + kvBytes(d, capacity);
      if (needed > totalBytes[d]) {
        throw CudaErrors.doesNotFit(d, totalBytes[d], needed, describe(capacity));
      }
    }
  }

  String describeWeights() {
    StringBuilder text = new StringBuilder("weights: ");
    for (int d = 0; d < split.devices(); d++) {
      text.append(d == 0 ? "" : "; ")
          .append("device ")
          .append(d)
          .append(": layers ")
          .append(split.from(d))
          .append(" to ")
          .append(split.to(d) - 1)
          .append(", ")
          .append(mebibytes(split.bytes(d)))
          .append(" of ")
          .append(mebibytes(totalBytes[d]));
    }
    return text.toString();
  }

  String describe(Capacity capacity) {
    StringBuilder text = new StringBuilder("memory: ");
    for (int d = 0; d < split.devices(); d++) {
      text.append(d == 0 ? "" : "; ")
          .append("device ")
          .append(d)
          .append(": weights ")
          .append(mebibytes(split.bytes(d)))
          .append(", activations ")
          .append(mebibytes(activationBytes(d, capacity.maxTokens(), positions(capacity))))
          .append(", keys and values ")
          .append(mebibytes(kvBytes(d, capacity)))
          .append(" of ")
          .append(mebibytes(totalBytes[d]));
    }
    return text.toString();
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}

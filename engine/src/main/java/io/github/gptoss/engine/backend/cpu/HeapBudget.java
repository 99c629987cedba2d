package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.model.ModelConfig;

/**
 * What may be taken of a heap of this largest size, checked before anything is allocated.
 *
 * @param weightBytes of the model, which lies on the heap
 */
record HeapBudget(long heapBytes, long weightBytes) {
  private static final double GIB = 1L << 30;

  /** The rest is for whatever else the process does. */
  private static final double USABLE_SHARE = 0.9;

  /** Some JVMs refuse the last few lengths. */
  static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /**
   * About half of what the weights leave of the heap. Rounded down to one of four steps for each
   * power of two: JVMs of one setting may report heaps that differ by a little.
   */
  long defaultKvBytes() {
    long half = Math.max(0, heapBytes - weightBytes) / 2;
    long step = Math.max(1, Long.highestOneBit(half) / 4);
    return half / step * step;
  }

  private long usableBytes() {
    return (long) (heapBytes * USABLE_SHARE) - weightBytes;
  }

  /** Fails if the weights alone take more of the heap than they may. */
  void requireWeights() {
    if (usableBytes() < 0) {
      throw new InvalidConfigException(
          ("the model's weights take %.1f GiB, and this JVM's heap has %.1f GiB: raise it to %.0f"
                  + " GiB or more (-Xmx; in Spark, spark.driver.memory and spark.executor.memory)")
              .formatted(
                  weightBytes / GIB, heapBytes / GIB, Math.ceil(weightBytes / GIB * 1.25 + 1)));
    }
  }

  /** Fails if a buffer is longer than an array can be, or the heap too small for KV and a step. */
  void require(ModelConfig config, int maxTokens, int logitsRows, int maxRank, long kvBytes) {
    long mostTokens = LONGEST_ARRAY / widestRow(config);
    if (maxTokens > mostTokens) {
      throw new InvalidConfigException(
          ("max_num_batched_tokens is %d: it must be at most %d with this model, whose buffers"
                  + " cannot be longer")
              .formatted(maxTokens, mostTokens));
    }
    long stepBytes = stepBytes(config, maxTokens, logitsRows, maxRank);
    if (kvBytes > usableBytes() - stepBytes) {
      throw new InvalidConfigException(
          ("keys and values need %d bytes (kv_cache_bytes) and a step of %d tokens %d"
                  + " (max_num_batched_tokens), but beside weights of %d bytes they may take %d of"
                  + " this JVM's heap of %d: lower either, or raise the heap (-Xmx; in Spark,"
                  + " spark.driver.memory and spark.executor.memory)")
              .formatted(kvBytes, maxTokens, stepBytes, weightBytes, usableBytes(), heapBytes));
    }
  }

  /** Floats of the widest buffer's row for one token. */
  private static long widestRow(ModelConfig c) {
    long experts = (long) c.expertsPerToken() * Math.max(c.intermediateSize(), c.hiddenSize());
    return Math.max(Math.max(projected(c), c.experts()), experts);
  }

  private static long projected(ModelConfig c) {
    return c.queryWidth() + 2L * c.kvWidth();
  }

  /** The buffers of {@code Transformer} and of {@link CpuOperations}, 4 bytes an element. */
  private static long stepBytes(ModelConfig c, int tokens, int logitsRows, int maxRank) {
    long lowRank = (4L + 2L * c.expertsPerToken()) * maxRank;
    long pair = (long) c.intermediateSize() + c.hiddenSize() + 6; // two values, four indices
    long experts = (long) c.expertsPerToken() * Math.max(c.intermediateSize(), c.hiddenSize());
    long tiled = Math.max(experts, c.queryWidth());
    long perToken =
        3L * c.hiddenSize()
            + 2L * c.queryWidth()
            + projected(c)
            + c.experts()
            + 2
            + tiled
            + lowRank;
    return Float.BYTES
        * (tokens * (perToken + c.expertsPerToken() * pair) + (long) logitsRows * c.vocabSize());
  }
}

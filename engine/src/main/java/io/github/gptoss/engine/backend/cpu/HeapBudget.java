package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.model.ModelConfig;

/** What may be taken of a heap of this largest size, checked before anything is allocated. */
record HeapBudget(long heapBytes) {
  /** The rest is for whatever else the process does. */
  private static final double USABLE_SHARE = 0.9;

  /** Some JVMs refuse the last few lengths. */
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /**
   * About half of the heap. Rounded down to one of four steps for each power of two: JVMs of one
   * setting may report heaps that differ by a little.
   */
  static long defaultKvBytes(long heapBytes) {
    long half = heapBytes / 2;
    long step = Math.max(1, Long.highestOneBit(half) / 4);
    return half / step * step;
  }

  /** Fails if a buffer is longer than an array can be, or the heap too small for KV and a step. */
  void require(ModelConfig config, int maxTokens, int logitsRows, long kvBytes) {
    long mostTokens = LONGEST_ARRAY / widestRow(config);
    if (maxTokens > mostTokens) {
      throw new InvalidConfigException(
          ("max_num_batched_tokens is %d: it must be at most %d with this model, whose buffers"
                  + " cannot be longer")
              .formatted(maxTokens, mostTokens));
    }
    long stepBytes = stepBytes(config, maxTokens, logitsRows);
    long usableBytes = (long) (heapBytes * USABLE_SHARE);
    if (kvBytes > usableBytes - stepBytes) {
      throw new InvalidConfigException(
          ("keys and values need %d bytes (kv_cache_bytes) and a step of %d tokens %d"
                  + " (max_num_batched_tokens), but of this JVM's heap of %d bytes they may take %d:"
                  + " lower either, or raise the heap (-Xmx; in Spark, spark.driver.memory and"
                  + " spark.executor.memory)")
              .formatted(kvBytes, maxTokens, stepBytes, heapBytes, usableBytes));
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
  private static long stepBytes(ModelConfig c, int tokens, int logitsRows) {
    long pair = (long) c.intermediateSize() + c.hiddenSize() + 6; // two values, four indices
    long perToken = 3L * c.hiddenSize() + 2L * c.queryWidth() + projected(c) + c.experts() + 2;
    return Float.BYTES
        * (tokens * (perToken + c.expertsPerToken() * pair) + (long) logitsRows * c.vocabSize());
  }
}

package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model and its adapters would take of GPUs that need not be there, for sequences of
 * contextTokens, steps of maxTokens and KV blocks of blockTokens, in this share of each GPU's
 * memory.
 */
public record CudaPlanner(
    ModelConfig config,
    ExpertFormat format,
    List<LoraAdapter> adapters,
    int contextTokens,
    int maxTokens,
    int blockTokens,
    double utilization) {
  private WeightBytes weights() {
    return WeightBytes.of(config, format).with(AdapterBytes.of(adapters, config.layers()));
  }

  /** Bytes of the weights by what they are for, all layers together. */
  public Map<String, Long> weightBytes() {
    WeightBytes weights = weights();
    Map<String, Long> bytes = new LinkedHashMap<>();
    bytes.put("experts", weights.layers() * weights.experts());
    bytes.put("attention", weights.layers() * weights.attention());
    bytes.put("router_and_norms", weights.layers() * weights.router());
    bytes.put("embedding", weights.embedding());
    bytes.put("unembedding", weights.unembedding());
    if (!adapters.isEmpty()) {
      bytes.put("adapters", weights.adapters().between(0, config.layers()));
    }
    return bytes;
  }

  /** KV bytes of a sequence of the whole context: window layers keep a ring of their window. */
  public long sequenceBytes() {
    return fullTokens() * MemoryPlan.bytesPerToken(config, AttentionKind.FULL)
        + windowTokens() * MemoryPlan.bytesPerToken(config, AttentionKind.WINDOW);
  }

  private long fullTokens() {
    return (long) Fragments.up(contextTokens, blockTokens) * blockTokens;
  }

  private long windowTokens() {
    long ring =
        (long) Fragments.up(config.slidingWindow() + blockTokens, blockTokens) * blockTokens;
    return Math.min(ring, fullTokens());
  }

  /** Sequences of the whole context that fit beside all else on so many GPUs; 0 if none does. */
  public long sequences(long memoryBytes, int gpus) {
    return gpus > config.layers()
        ? 0
        : plan(memoryBytes, gpus).sequences(maxTokens, fullTokens(), windowTokens());
  }

  /** The share of each GPU's memory from which on one such sequence fits; above 1 for none. */
  public double leastUtilization(long memoryBytes, int gpus) {
    return gpus > config.layers()
        ? Double.POSITIVE_INFINITY
        : plan(memoryBytes, gpus).leastUtilization(maxTokens, fullTokens(), windowTokens());
  }

  private MemoryPlan plan(long memoryBytes, int gpus) {
    long[] memory = new long[gpus];
    Arrays.fill(memory, memoryBytes);
    return new MemoryPlan(config, LayerSplit.of(weights(), memory), memory, utilization);
  }
}

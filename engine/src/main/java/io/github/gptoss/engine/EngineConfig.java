package io.github.gptoss.engine;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Settings of an engine. Two engines with equal settings give the same tokens for the same request;
 * so do two that differ only in threads, memory, batch sizes and prefix caching, as long as their
 * context ({@link EngineInfo#maxModelLen}) is the same.
 *
 * <p>The context is {@code maxModelLen}, which is refused where KV memory cannot hold one request
 * of that length. Where it is 0, the context is the model's, cut to what KV memory holds for one
 * request; that depends on these settings and the heap's largest size ({@code -Xmx}), not on what
 * happens to be free, so that equal processes agree. Set it where heaps differ.
 *
 * @param model folder of a checkpoint, or {@code demo} for the model shipped with the engine
 * @param backend {@code cpu} or {@code cuda}
 * @param devices ordinals of the CUDA devices that share the layers, from 0; {@code [0]} for {@code
 *     cpu}. More than one is for a model that does not fit one: it is no faster than one that does
 * @param threads CPU threads for computing; 0 takes all that the JVM sees
 * @param maxModelLen tokens of prompt and completion that one request may hold; 0 takes the model's
 *     context, or less where KV memory does not hold it
 * @param maxNumSeqs requests in flight in one step, at most
 * @param maxNumBatchedTokens tokens computed in one step, at most
 * @param blockSize tokens a KV block, a power of two
 * @param kvCacheBytes KV memory; 0 takes about half of the JVM's largest heap, and with {@code
 *     cuda} what weights and activations leave of the devices
 * @param gpuMemoryUtilization share of each device's memory, above 0 and at most 1, that the engine
 *     may use with {@code cuda} where {@code kvCacheBytes} is 0
 * @param cudaWgmma whether {@code cuda} multiplies by wgmma instead of mma.sync, which devices of
 *     compute capability 9.0 alone have; no GPU has shown yet that rows keep their tokens then
 * @param enablePrefixCaching whether equal prompt beginnings are computed once and shared
 * @param maxQueuedRequests requests accepted and not yet finished, at most; submitting more blocks
 * @param loraAdapters folders of PEFT adapters to the model, by the names under which requests ask
 *     for them
 */
public record EngineConfig(
    String model,
    String backend,
    List<Integer> devices,
    int threads,
    int maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    int blockSize,
    long kvCacheBytes,
    double gpuMemoryUtilization,
    boolean cudaWgmma,
    boolean enablePrefixCaching,
    int maxQueuedRequests,
    Map<String, String> loraAdapters) {

  public static final double DEFAULT_GPU_MEMORY_UTILIZATION = 0.9;

  /** What a builder takes where the backend is {@code cpu} and nothing else is set. */
  public static final int CPU_MAX_NUM_SEQS = 256;

  public static final int CPU_MAX_NUM_BATCHED_TOKENS = 512;

  /** Likewise with {@code cuda}: a GPU reads its weights once for all rows of a step. */
  public static final int CUDA_MAX_NUM_SEQS = 512;

  public static final int CUDA_MAX_NUM_BATCHED_TOKENS = 2048;

  private static final int MOST_SEQS = 1 << 16;
  private static final int MOST_BATCHED_TOKENS = 1 << 20;

  private static final int MOST_DEVICES = 64;
  private static final int MOST_ORDINAL = 1023;

  public EngineConfig {
    if (model == null || model.isBlank()) {
      throw new InvalidConfigException(
          "no model is set: give the folder of a gpt-oss checkpoint, or 'demo' for the model that is"
              + " shipped");
    }
    if (backend == null || !(backend.equals("cpu") || backend.equals("cuda"))) {
      throw new InvalidConfigException(
          "unknown backend '" + backend + "': the backends are cpu and cuda");
    }
    devices = List.copyOf(devices);
    boolean cuda = backend.equals("cuda");
    check("pipeline_parallel_size", devices.size(), 1, cuda ? MOST_DEVICES : 1);
    devices.forEach(device -> check("device", device, 0, cuda ? MOST_ORDINAL : 0));
    if (Set.copyOf(devices).size() < devices.size()) {
      throw new InvalidConfigException("devices are " + devices + ": each may be there once");
    }
    check("threads", threads, 0, 4096);
    check("max_model_len", maxModelLen, 0, Integer.MAX_VALUE);
    check("max_num_seqs", maxNumSeqs, 1, MOST_SEQS);
    check("max_num_batched_tokens", maxNumBatchedTokens, 1, MOST_BATCHED_TOKENS);
    check("block_size", blockSize, 1, 1024);
    if (Integer.bitCount(blockSize) != 1) {
      throw new InvalidConfigException(
          "block_size is " + blockSize + ": it must be a power of two, for instance 16");
    }
    check("kv_cache_bytes", kvCacheBytes, 0, Long.MAX_VALUE);
    checkUtilization(gpuMemoryUtilization);
    if (cudaWgmma && !cuda) {
      throw new InvalidConfigException(
          "cuda_wgmma is an option of backend cuda, and the backend is " + backend);
    }
    check("max_queued_requests", maxQueuedRequests, 1, Integer.MAX_VALUE);
    loraAdapters = Collections.unmodifiableMap(new TreeMap<>(loraAdapters));
    if (loraAdapters.keySet().stream().anyMatch(String::isBlank)) {
      throw new InvalidConfigException(
          "a LoRA adapter has an empty name: give each the name that requests ask for it by");
    }
  }

  static void checkUtilization(double share) {
    if (!(share > 0 && share <= 1)) {
      throw new InvalidConfigException(
          "gpu_memory_utilization is %s: it must be above 0 and at most 1, for instance 0.9"
              .formatted(share));
    }
  }

  private static void check(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new InvalidConfigException(
          name + " is " + value + ": it must be between " + least + " and " + most);
    }
  }

  /** Settings for {@code model} with every other one at its default. */
  public static Builder builder(String model) {
    return new Builder(model);
  }

  public EngineConfig withDevices(List<Integer> others) {
    return new EngineConfig(
        model,
        backend,
        others,
        threads,
        maxModelLen,
        maxNumSeqs,
        maxNumBatchedTokens,
        blockSize,
        kvCacheBytes,
        gpuMemoryUtilization,
        cudaWgmma,
        enablePrefixCaching,
        maxQueuedRequests,
        loraAdapters);
  }

  /** Collects settings; {@link #build} checks them. */
  public static final class Builder {
    private final String model;
    private String backend = "cpu";
    private int device;
    private int pipelineParallelSize = 1;
    private int threads;
    private int maxModelLen;
    private int maxNumSeqs;
    private int maxNumBatchedTokens;
    private int blockSize = 32;
    private long kvCacheBytes;
    private double gpuMemoryUtilization = DEFAULT_GPU_MEMORY_UTILIZATION;
    private boolean cudaWgmma;
    private boolean enablePrefixCaching = true;
    private int maxQueuedRequests = 16_384;
    private Map<String, String> loraAdapters = Map.of();

    private Builder(String model) {
      this.model = model;
    }

    public Builder backend(String value) {
      backend = value;
      return this;
    }

    /** The first device; others are those after it. */
    public Builder device(int value) {
      device = value;
      return this;
    }

    /** How many devices share the layers. */
    public Builder pipelineParallelSize(int value) {
      pipelineParallelSize = value;
      return this;
    }

    public Builder threads(int value) {
      threads = value;
      return this;
    }

    public Builder maxModelLen(int value) {
      maxModelLen = value;
      return this;
    }

    /** 0 takes {@link #CPU_MAX_NUM_SEQS}, or {@link #CUDA_MAX_NUM_SEQS} with {@code cuda}. */
    public Builder maxNumSeqs(int value) {
      maxNumSeqs = value;
      return this;
    }

    /**
     * 0 takes {@link #CPU_MAX_NUM_BATCHED_TOKENS}, or {@link #CUDA_MAX_NUM_BATCHED_TOKENS} with
     * {@code cuda}.
     */
    public Builder maxNumBatchedTokens(int value) {
      maxNumBatchedTokens = value;
      return this;
    }

    public Builder blockSize(int value) {
      blockSize = value;
      return this;
    }

    public Builder kvCacheBytes(long value) {
      kvCacheBytes = value;
      return this;
    }

    public Builder gpuMemoryUtilization(double value) {
      gpuMemoryUtilization = value;
      return this;
    }

    public Builder cudaWgmma(boolean value) {
      cudaWgmma = value;
      return this;
    }

    public Builder enablePrefixCaching(boolean value) {
      enablePrefixCaching = value;
      return this;
    }

    public Builder maxQueuedRequests(int value) {
      maxQueuedRequests = value;
      return this;
    }

    /** Folders of adapters by name. */
    public Builder loraAdapters(Map<String, String> value) {
      loraAdapters = value;
      return this;
    }

    private List<Integer> devices() {
      check("pipeline_parallel_size", pipelineParallelSize, 1, MOST_DEVICES);
      return IntStream.range(0, pipelineParallelSize).mapToObj(i -> device + i).toList();
    }

    /** Where 0 stands for the backend's default. */
    private int orDefault(String name, int value, int most, int cpu, int cuda) {
      check(name, value, 0, most);
      return value > 0 ? value : "cuda".equals(backend) ? cuda : cpu;
    }

    public EngineConfig build() {
      return new EngineConfig(
          model,
          backend,
          devices(),
          threads,
          maxModelLen,
          orDefault("max_num_seqs", maxNumSeqs, MOST_SEQS, CPU_MAX_NUM_SEQS, CUDA_MAX_NUM_SEQS),
          orDefault(
              "max_num_batched_tokens",
              maxNumBatchedTokens,
              MOST_BATCHED_TOKENS,
              CPU_MAX_NUM_BATCHED_TOKENS,
              CUDA_MAX_NUM_BATCHED_TOKENS),
          blockSize,
          kvCacheBytes,
          gpuMemoryUtilization,
          cudaWgmma,
          enablePrefixCaching,
          maxQueuedRequests,
          loraAdapters);
    }
  }
}

package io.github.gptoss.cli;

import io.github.gptoss.engine.EngineConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Settings of the engine beyond {@link CommonOptions}; what is not given keeps its default. */
final class EngineOptions {
  @Option(
      names = "--device",
      paramLabel = "N",
      description = "Number of the (first) CUDA device, from 0.")
  private Integer device;

  @Option(
      names = "--pipeline-parallel-size",
      paramLabel = "N",
      description = "CUDA devices that share the layers of a model that does not fit one.")
  private Integer pipelineParallelSize;

  @Option(
      names = "--max-model-len",
      paramLabel = "TOKENS",
      description = "Tokens of prompt and completion a request may hold (default: the model's).")
  private Integer maxModelLen;

  @Option(
      names = "--max-num-seqs",
      paramLabel = "N",
      description = "Requests in one step, at most (default: 256; with cuda, 512).")
  private Integer maxNumSeqs;

  @Option(
      names = "--max-num-batched-tokens",
      paramLabel = "TOKENS",
      description = "Tokens computed in one step, at most (default: 512; with cuda, 2048).")
  private Integer maxNumBatchedTokens;

  @Option(
      names = "--kv-cache-bytes",
      paramLabel = "BYTES",
      converter = ByteCountConverter.class,
      description = {
        "Memory for keys and values, for instance 8g (default: half of what weights leave of the heap;",
        "with cuda, what the device has left)."
      })
  private Long kvCacheBytes;

  @Option(
      names = "--gpu-memory-utilization",
      paramLabel = "SHARE",
      description = "Share of a CUDA device's memory that may be used (default: 0.9).")
  private Double gpuMemoryUtilization;

  @Option(
      names = "--cuda-wgmma",
      description = {
        "Multiply by wgmma instead of mma.sync, which CUDA devices of compute capability 9.0 (H100,",
        "H200) alone have. Unproven: no GPU has shown yet that rows keep their tokens then."
      })
  private boolean cudaWgmma;

  @Option(
      names = "--block-size",
      paramLabel = "TOKENS",
      description = "Tokens a block of keys and values, a power of two.")
  private Integer blockSize;

  @Option(
      names = "--enable-prefix-caching",
      negatable = true,
      description = "Compute equal beginnings of prompts once, or not (default: once).")
  private Boolean enablePrefixCaching;

  @Mixin private LoraOptions lora;

  /**
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a value is out of its range
   */
  EngineConfig.Builder builder(CommonOptions common) {
    EngineConfig.Builder config =
        EngineConfig.builder(common.model()).backend(common.backend()).threads(common.threads());
    if (device != null) {
      config.device(device);
    }
    if (pipelineParallelSize != null) {
      config.pipelineParallelSize(pipelineParallelSize);
    }
    if (maxModelLen != null) {
      config.maxModelLen(maxModelLen);
    }
    if (maxNumSeqs != null) {
      config.maxNumSeqs(maxNumSeqs);
    }
    if (maxNumBatchedTokens != null) {
      config.maxNumBatchedTokens(maxNumBatchedTokens);
    }
    if (kvCacheBytes != null) {
      config.kvCacheBytes(kvCacheBytes);
    }
    if (gpuMemoryUtilization != null) {
      config.gpuMemoryUtilization(gpuMemoryUtilization);
    }
    if (blockSize != null) {
      config.blockSize(blockSize);
    }
    if (enablePrefixCaching != null) {
      config.enablePrefixCaching(enablePrefixCaching);
    }
    return config.cudaWgmma(cudaWgmma).loraAdapters(lora.byName());
  }

  LoraOptions lora() {
    return lora;
  }

  /** Null if not given. */
  Integer maxNumSeqs() {
    return maxNumSeqs;
  }
}

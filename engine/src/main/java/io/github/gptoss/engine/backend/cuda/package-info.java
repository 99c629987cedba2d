/**
 * Computes on NVIDIA GPUs through JCuda's driver API, with kernels of {@code src/main/cuda}:
 * bfloat16 activations and KV cache, MXFP4 or bfloat16 experts, float32 accumulation. Nothing here
 * knows of Spark, of the scheduler or of Harmony.
 */
package io.github.gptoss.engine.backend.cuda;

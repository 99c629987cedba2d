package io.github.gptoss.engine.backend.cuda;

/**
 * One matrix [rows, width] for each expert of a layer in fragment order, and their biases [experts,
 * rows] float32. Scales are of MXFP4, divided by the factor, or null for bfloat16 weights.
 */
record ExpertWeights(
    DeviceMemory weights,
    DeviceMemory scales,
    DeviceMemory bias,
    int rows,
    int width,
    float factor) {

  /** As kernels are named. */
  String format() {
    return scales == null ? "bf16" : "mxfp4";
  }
}

package io.github.gptoss.engine.backend.cuda;

/**
 * One matrix [rows, width] for each expert of a layer in fragment order, and their biases.
 *
 * @param scales MXFP4 scales; null for bfloat16 weights
 * @param bias [experts, rows] float32
 * @param factor what the scales were divided by
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

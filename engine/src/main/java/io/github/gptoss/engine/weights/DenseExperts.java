package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.tensor.StoredTensor;

/**
 * Expert matrices in floating point, as fine-tuned models are saved: [experts, cols, rows] bf16,
 * f32 or f16, transposed against {@link Mxfp4Experts}.
 */
public record DenseExperts(StoredTensor weights) implements ExpertMatrix {
  @Override
  public int experts() {
    return Math.toIntExact(weights.dim(0));
  }

  @Override
  public int rows() {
    return Math.toIntExact(weights.dim(2));
  }

  @Override
  public int cols() {
    return Math.toIntExact(weights.dim(1));
  }

  @Override
  public long bytes() {
    return weights.bytes();
  }
}

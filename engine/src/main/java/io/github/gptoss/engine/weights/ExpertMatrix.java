package io.github.gptoss.engine.weights;

/** One weight matrix for each expert of a layer, logical shape [experts, rows, cols]: y = W x. */
public sealed interface ExpertMatrix permits Mxfp4Experts, DenseExperts {
  int experts();

  /** Outputs of one expert's matrix. */
  int rows();

  /** Inputs of one expert's matrix. */
  int cols();

  /** Bytes on disk, and in memory where the matrix is used as it is. */
  long bytes();
}

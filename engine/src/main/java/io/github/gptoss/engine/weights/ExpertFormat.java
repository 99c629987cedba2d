package io.github.gptoss.engine.weights;

/** How a checkpoint holds its expert matrices; all of them alike. */
public enum ExpertFormat {
  /** {@link Mxfp4Experts}. */
  MXFP4,
  /** {@link DenseExperts}. */
  DENSE
}

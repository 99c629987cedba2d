package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.weights.Checkpoint;

/** A kind of device that can hold a model and compute with it. */
public interface Backend extends AutoCloseable {
  /** Device and kernels in a few words, for instance {@code cpu: Vector API 512 bit, 2 threads}. */
  String description();

  /**
   * Brings a checkpoint's weights into the form that this backend's kernels read; fails if the
   * device cannot hold them. The caller closes the model before this backend; it does not refer to
   * the checkpoint afterwards.
   */
  LoadedModel load(Checkpoint checkpoint);

  @Override
  void close();
}

package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.weights.Checkpoint;
import java.util.List;

/** A kind of device that can hold a model and compute with it. */
public interface Backend extends AutoCloseable {
  /** Device and kernels in a few words, for instance {@code cpu: Vector API 512 bit, 2 threads}. */
  String description();

  /**
   * Brings the weights of a checkpoint, and of the adapters that a step may name, into the form
   * that this backend's kernels read; fails if the device cannot hold them. The caller closes the
   * model before this backend; it does not refer to the checkpoint or the adapters afterwards.
   */
  LoadedModel load(Checkpoint checkpoint, List<LoraAdapter> adapters);

  @Override
  void close();
}

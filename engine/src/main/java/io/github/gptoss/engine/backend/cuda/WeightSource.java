package io.github.gptoss.engine.backend.cuda;

/** Brings weights to one device. Closing it waits until all are there. */
interface WeightSource extends AutoCloseable {
  /** [V, H] bfloat16, row-major. */
  DeviceMemory embedding();

  CudaLayer layer(int index);

  /** [V, H]. */
  Linear unembedding();

  /** [H] float32. */
  DeviceMemory finalNorm();

  @Override
  void close();
}

package io.github.gptoss.engine.backend;

/** A model's weights on a device. */
public interface LoadedModel extends AutoCloseable {
  /** KV bytes of one token in all full-attention layers; 0 if there is none. */
  long fullBytesPerToken();

  /** KV bytes of one token in all sliding-window layers; 0 if there is none. */
  long windowBytesPerToken();

  /**
   * KV memory to use where the caller names none. Depends on the size of the device's memory alone,
   * not on what happens to be free: the context, and with it a row's outcome, may depend on it, and
   * has to be the same on every machine of a kind. Fails if a device cannot hold one sequence.
   */
  long defaultKvBytes(KvBudget budget);

  /** Most logits rows that one {@link Operations#unembed} computes. */
  int logitsRows();

  /** Reserves KV cache and buffers, once; they close with this model. Fails if memory is short. */
  Operations allocate(Capacity capacity);

  @Override
  void close();
}

package io.github.gptoss.engine.backend;

/** What KV memory of a size is divided into, for the one who chooses the size. */
public interface KvBudget {
  /** The least size that holds one sequence, in bytes. */
  long leastBytes();

  /**
   * The capacity that this size, at least {@link #leastBytes}, makes. Takes more as the size grows,
   * but for a block's worth where one part grows at the cost of the other.
   */
  Capacity divide(long kvBytes);
}

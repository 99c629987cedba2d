package io.github.gptoss.engine.backend;

/** What KV memory of a size is divided into, for the one who chooses the size. */
public interface KvBudget {
  /** The least size that holds one sequence, in bytes. */
  long leastBytes();

  /**
   * The capacity that this size makes; no part of it shrinks as the size grows.
   *
   * @param kvBytes at least {@link #leastBytes}
   */
  Capacity divide(long kvBytes);
}

package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import java.io.Serializable;

/**
 * Completions that outlive their task: asked before a row is generated, told when one was. Used by
 * one task at a time for {@link #find}; {@link #put} comes from the engine's thread.
 */
public interface CompletionStore extends AutoCloseable {
  /** What is kept under the key, every field as it was put; null if nothing is. */
  GenerationResult find(CompletionKey key);

  /**
   * Takes a completion that was generated; of several rows that ask the same, the first one's store
   * is told, once. Failed and cancelled requests are not put. Must return at once, since the engine
   * waits; what it throws fails the rows that wait for the completion. May still come after {@link
   * #close}, for rows of other tasks, and may then be ignored.
   */
  void put(CompletionKey key, GenerationResult result);

  /** The task has ended. */
  @Override
  void close();

  /** Travels to the executors and opens each task's store there, on the task's thread. */
  @FunctionalInterface
  interface Factory extends Serializable {
    /** Keeps nothing. */
    Factory NONE = () -> null;

    /** Null where nothing is kept. */
    CompletionStore open();
  }
}

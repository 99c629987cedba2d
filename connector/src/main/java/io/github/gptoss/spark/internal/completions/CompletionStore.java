package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import java.io.Serializable;

/**
 * Completions that outlive their task: asked before a row is generated, told when one was. Used by
 * one task at a time for {@link #find}; {@link #put} comes from the engine's thread.
 */
public interface CompletionStore extends AutoCloseable {
  /** Is shown a completion that is kept. */
  @FunctionalInterface
  interface Found {
    /** The completion is this row of these vectors, until this returns. */
    void at(CompletionVectors vectors, int row);
  }

  /**
   * Shows what is kept under the key, every field of {@code CompletionSchema} as it was put but the
   * prompt's token ids, which the asking row has itself.
   *
   * @return whether anything is kept
   */
  boolean find(CompletionKey key, Found found);

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

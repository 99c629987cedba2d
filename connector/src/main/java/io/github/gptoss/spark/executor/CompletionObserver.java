package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import java.io.Serializable;

/** Sees every completion on its way out, on the executor. */
@FunctionalInterface
public interface CompletionObserver extends Serializable {
  CompletionObserver NONE = (result, origin, endedMillis) -> {};

  /**
   * @param endedMillis when the engine was done with it, since the epoch; now, where it was not the
   *     engine's to do
   */
  void completed(GenerationResult result, CompletionOrigin origin, long endedMillis);

  /** Both observers, this one first. */
  default CompletionObserver and(CompletionObserver other) {
    return other == NONE
        ? this
        : (result, origin, endedMillis) -> {
          completed(result, origin, endedMillis);
          other.completed(result, origin, endedMillis);
        };
  }
}

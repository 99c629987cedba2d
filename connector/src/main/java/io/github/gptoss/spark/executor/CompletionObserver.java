package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import java.io.Serializable;

/** Sees every completion on its way out, on the executor. */
@FunctionalInterface
public interface CompletionObserver extends Serializable {
  CompletionObserver NONE = (result, origin) -> {};

  void completed(GenerationResult result, CompletionOrigin origin);
}

package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.spark.internal.models.CopyProgress;

/**
 * The registry's engine as seen by those who do not use it.
 *
 * @param config null where there is no engine
 * @param engine null until it is open
 * @param copying how far copying its model is; null where nothing was copied
 * @param isDead whether it serves nobody any more
 */
public record EngineStatus(
    EngineConfig config, CompletionEngine engine, CopyProgress copying, boolean isDead) {
  static final EngineStatus NONE = new EngineStatus(null, null, null, false);
}

package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;

/** Errors of the executor's side. */
final class ExecutorErrors {
  private ExecutorErrors() {}

  static InvalidConfigException conflict(EngineConfig running, EngineConfig wanted) {
    return new InvalidConfigException(
        "this executor already runs "
            + running
            + " and was asked for "
            + wanted
            + ": an executor runs one engine, so give both calls the same model and engine options,"
            + " or run them one after the other");
  }

  /** The engine's own error as it is, with this thread's stack behind it; others wrapped. */
  static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException e
        ? e
        : new GptOssException("the engine failed: " + cause, cause);
  }
}

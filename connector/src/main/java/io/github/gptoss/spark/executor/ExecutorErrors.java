package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;

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

  /** Says where and what, and leaves the row's message, which may quote the row, in the row. */
  static InvalidRequestException rowFailed(String code, long row, int partition) {
    return rowFailed(code, "row " + row + " of partition " + partition + " (both from 0)");
  }

  static InvalidRequestException rowFailed(String code) {
    return rowFailed(code, "a row");
  }

  private static InvalidRequestException rowFailed(String code, String row) {
    return new InvalidRequestException(
        code,
        row
            + " failed with "
            + code
            + ", and option fail_on_error is true: set it to false to have the error in its row");
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

package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.GptOssException;

/** More rows failed than the caller allowed. */
final class TooManyErrorsException extends GptOssException {
  private static final long serialVersionUID = 1L;

  TooManyErrorsException(String message) {
    super(message);
  }
}

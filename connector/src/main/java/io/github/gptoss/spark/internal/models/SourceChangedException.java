package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.error.GptOssException;

/** A source holds another version of a model than the one that is asked for. */
final class SourceChangedException extends GptOssException {
  private static final long serialVersionUID = 1L;

  SourceChangedException(String message) {
    super(message);
  }
}

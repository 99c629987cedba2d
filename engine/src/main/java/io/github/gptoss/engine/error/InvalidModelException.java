package io.github.gptoss.engine.error;

/** A checkpoint that cannot be used: missing, truncated, malformed or contradicting itself. */
public final class InvalidModelException extends GptOssException {
  private static final long serialVersionUID = 1L;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}

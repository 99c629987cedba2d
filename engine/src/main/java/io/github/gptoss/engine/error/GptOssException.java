package io.github.gptoss.engine.error;

/** Base of all errors that the engine reports to its caller. */
public class GptOssException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GptOssException(String message) {
    super(message);
  }

  public GptOssException(String message, Throwable cause) {
    super(message, cause);
  }
}

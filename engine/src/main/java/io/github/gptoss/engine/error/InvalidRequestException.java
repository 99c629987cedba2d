package io.github.gptoss.engine.error;

import java.util.Objects;

/** One request that cannot be served; other requests are not affected. */
public final class InvalidRequestException extends GptOssException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /** The code is a stable, machine-readable name, such as {@code context_length_exceeded}. */
  public InvalidRequestException(String code, String message) {
    super(message);
    this.code = Objects.requireNonNull(code, "code");
  }

  public InvalidRequestException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  public String code() {
    return code;
  }
}

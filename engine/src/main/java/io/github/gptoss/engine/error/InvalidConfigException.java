package io.github.gptoss.engine.error;

/** Engine settings that cannot work: an unknown backend, a missing device, too little memory. */
public class InvalidConfigException extends GptOssException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigException(String message) {
    super(message);
  }

  public InvalidConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}

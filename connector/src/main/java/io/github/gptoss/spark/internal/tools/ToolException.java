package io.github.gptoss.spark.internal.tools;

/** What is wrong with a call; its message is what the model is answered. */
final class ToolException extends Exception {
  private static final long serialVersionUID = 1L;

  ToolException(String message) {
    super(message);
  }
}

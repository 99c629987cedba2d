package io.github.gptoss.spark.tools;

import java.util.Objects;

/**
 * What a call gave: a value or an error. The model is shown either, as text that can make no
 * special token.
 *
 * @param value null for an error
 * @param error what went wrong, for the model to read; null for a value
 */
public record ToolResult(String value, String error) {
  public ToolResult {
    if ((value == null) == (error == null)) {
      throw new IllegalArgumentException("a result is a value or an error");
    }
  }

  /** A value, usually JSON. */
  public static ToolResult of(String value) {
    return new ToolResult(Objects.requireNonNull(value, "value"), null);
  }

  /** An error; a useful one says what to call instead. */
  public static ToolResult failed(String error) {
    return new ToolResult(null, Objects.requireNonNull(error, "error"));
  }

  public boolean isError() {
    return error != null;
  }
}

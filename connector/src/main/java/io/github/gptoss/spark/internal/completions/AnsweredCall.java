package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.harmony.ToolCall;

/**
 * A call that the model made, and what a tool answered.
 *
 * @param result null where no tool ran it, and where it failed
 * @param error null where no tool ran it, and where it gave a result
 */
public record AnsweredCall(ToolCall call, String result, String error) {
  /** A call that is left to the user. */
  static AnsweredCall notRun(ToolCall call) {
    return new AnsweredCall(call, null, null);
  }
}

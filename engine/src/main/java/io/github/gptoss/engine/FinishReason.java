package io.github.gptoss.engine;

import java.util.Locale;

/** Why a generation ended, in OpenAI's terms and two of our own. */
public enum FinishReason {
  /** The model ended its answer, or a stop string was met. */
  STOP,
  /** {@code max_tokens} or the end of the context was reached. */
  LENGTH,
  /** The model called a tool and waits for its result. */
  TOOL_CALLS,
  /** The request could not be served; {@link GenerationResult#error()} says why. */
  ERROR,
  /** The caller cancelled the request, or the engine was closed. */
  CANCELLED;

  /** The name used in JSON and in tables, for instance {@code tool_calls}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}

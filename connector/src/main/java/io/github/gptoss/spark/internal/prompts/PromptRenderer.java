package io.github.gptoss.spark.internal.prompts;

import java.util.function.IntConsumer;

/** Turns what a row holds into the token ids of a prompt. Thread-safe. */
@FunctionalInterface
public interface PromptRenderer {
  /**
   * Renders one row's prompt.
   *
   * @param row one that can be served
   * @param ids is given the prompt's ids in order; all of them, or none if this throws
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row cannot be served
   */
  RenderedPrompt render(PromptRow row, IntConsumer ids);

  /** Whether answers are JSON by their form. */
  default boolean answersJson() {
    return false;
  }

  /** What becomes of prompts that are too long. */
  default Overflow overflow() {
    return Overflow.ERROR;
  }

  /**
   * The text of the user's last message.
   *
   * @throws UnsupportedOperationException where prompts that are too long are errors
   */
  default String userText(PromptRow row) {
    throw new UnsupportedOperationException();
  }

  /** As {@link #render}, with another text in the place of {@link #userText}, on its terms. */
  default RenderedPrompt render(PromptRow row, String userText, IntConsumer ids) {
    throw new UnsupportedOperationException();
  }
}

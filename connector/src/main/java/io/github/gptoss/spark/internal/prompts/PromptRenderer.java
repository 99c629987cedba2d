package io.github.gptoss.spark.internal.prompts;

import java.util.function.IntConsumer;

/** Turns what a row holds into the token ids of a prompt. Thread-safe. */
@FunctionalInterface
public interface PromptRenderer {
  /**
   * Renders one row's prompt.
   *
   * @param input prompt text or message JSON; null where the row holds none
   * @param isMessages whether {@code input} is message JSON
   * @param ids is given the prompt's ids in order; all of them, or none if this throws
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row cannot be served
   */
  RenderedPrompt render(String input, boolean isMessages, IntConsumer ids);

  /** Whether a prompt that is too long is to be rendered shorter. */
  default boolean shortens() {
    return false;
  }

  /**
   * As {@link #render}, with so many tokens left out of the user's last message, roughly.
   *
   * @throws UnsupportedOperationException unless it {@link #shortens}
   */
  default RenderedPrompt renderShorter(
      String input, boolean isMessages, int tokens, IntConsumer ids) {
    throw new UnsupportedOperationException();
  }
}

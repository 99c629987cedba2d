package io.github.gptoss.spark.executor;

/** Turns what a row holds into the token ids of a prompt. */
@FunctionalInterface
public interface PromptRenderer {
  /**
   * Renders one row's prompt.
   *
   * @param input prompt text or message JSON; null where the row holds none
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row cannot be served
   */
  int[] render(String input);
}

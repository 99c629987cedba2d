package io.github.gptoss.spark.executor;

/** Turns what a row holds into the token ids of a prompt. Thread-safe. */
@FunctionalInterface
public interface PromptRenderer {
  /**
   * Renders one row's prompt.
   *
   * @param input prompt text or message JSON; null where the row holds none
   * @param isMessages whether {@code input} is message JSON
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row cannot be served
   */
  int[] render(String input, boolean isMessages);
}

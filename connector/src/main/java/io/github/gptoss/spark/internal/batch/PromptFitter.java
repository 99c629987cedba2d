package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.arrow.TokenVector;
import io.github.gptoss.spark.internal.prompts.PromptRenderer;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RenderedPrompt;

/** Renders prompts so that they fit the context, where their rows allow it. */
final class PromptFitter {
  /** Cut texts may be a few tokens longer than was asked for. */
  private static final int TRIES = 8;

  private PromptFitter() {}

  /**
   * Renders a prompt into the open row of a vector.
   *
   * @param contextTokens what prompt and completion may have together
   * @param maxTokens what the completion may have; the prompt leaves room for them, or for half of
   *     the context
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row cannot be served
   */
  static RenderedPrompt render(
      PromptRenderer renderer, PromptRow row, int contextTokens, int maxTokens, TokenVector ids) {
    RenderedPrompt rendered = renderer.render(row.input(), row.isMessages(), ids);
    int room = contextTokens - Math.min(maxTokens, contextTokens / 2);
    int leftOut = 0;
    for (int i = 0; renderer.shortens() && ids.openTokens() > room && i < TRIES; i++) {
      leftOut += ids.openTokens() - room;
      ids.restartRow();
      rendered = renderer.renderShorter(row.input(), row.isMessages(), leftOut, ids);
    }
    return rendered;
  }
}

package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.harmony.TextChunks;
import io.github.gptoss.engine.harmony.TextCut;
import io.github.gptoss.spark.internal.arrow.TokenVector;
import io.github.gptoss.spark.internal.prompts.Overflow;
import io.github.gptoss.spark.internal.prompts.PromptRenderer;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RenderedPrompt;
import java.util.List;

/**
 * Renders one row's prompts so that they fit the context, where the row allows it.
 *
 * @param roomTokens what a prompt may have: all but the room for the completion, or for that of
 *     half of the context
 */
record PromptFitter(PromptRenderer renderer, PromptRow row, int roomTokens) {
  /** Cut texts may be a few tokens longer than was asked for. */
  private static final int TRIES = 8;

  /**
   * A fitter for a row.
   *
   * @param contextTokens what prompt and completion may have together
   * @param maxTokens what the completion may have
   */
  static PromptFitter of(PromptRenderer renderer, PromptRow row, int contextTokens, int maxTokens) {
    return new PromptFitter(renderer, row, contextTokens - Math.min(maxTokens, contextTokens / 2));
  }

  /**
   * Renders the prompt into the open row of a vector. A turn goes on from the prompt that it began
   * with: what tools answer takes nothing more from the user's text.
   *
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row cannot be served
   */
  RenderedPrompt render(TokenVector ids) {
    RenderedPrompt rendered =
        row.cutText() == null
            ? renderer.render(row, ids)
            : renderer.render(row, row.cutText(), ids);
    TextCut cut = renderer.overflow().cut();
    if (cut == null || !row.followed().isEmpty() || ids.openTokens() <= roomTokens) {
      return rendered;
    }
    String text = renderer.userText(row);
    int leftOut = 0;
    for (int i = 0; ids.openTokens() > roomTokens && i < TRIES; i++) {
      leftOut += ids.openTokens() - roomTokens;
      rendered = render(cut.without(text, leftOut), ids);
    }
    // What is too long is not the user's last message: the engine says whether that can be served.
    return ids.openTokens() <= roomTokens ? rendered : renderWhole(ids);
  }

  private RenderedPrompt renderWhole(TokenVector ids) {
    ids.restartRow();
    return renderer.render(row, ids);
  }

  /** Renders the prompt with another text in the place of the user's, over what is in the row. */
  RenderedPrompt render(String userText, TokenVector ids) {
    ids.restartRow();
    return renderer.render(row, userText, ids);
  }

  /**
   * How to answer the prompt that is in the open row part by part; null where it fits, or cannot or
   * is not to be answered so, and then it is still in the row.
   */
  Reduction reduction(TokenVector ids) {
    if (renderer.overflow() != Overflow.MAP_REDUCE || ids.openTokens() <= roomTokens) {
      return null;
    }
    String text = renderer.userText(row);
    render("", ids);
    Reduction reduction =
        Reduction.of(List.of(text.split(TextChunks.SEPARATOR, -1)), roomTokens - ids.openTokens());
    if (reduction == null) {
      var unused = renderWhole(ids);
    }
    return reduction;
  }
}

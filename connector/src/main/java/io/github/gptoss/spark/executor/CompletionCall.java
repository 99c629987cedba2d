package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;

/**
 * What all rows of one call have in common.
 *
 * @param includeTokens whether completions carry the token ids
 */
public record CompletionCall(
    PromptRenderer renderer,
    RequestTemplate template,
    Window window,
    boolean includeTokens,
    CompletionObserver observer) {

  public static CompletionCall of(
      OptionValues options, PromptRenderer renderer, CompletionObserver observer) {
    return new CompletionCall(
        renderer,
        new RequestTemplate(options),
        Window.of(options),
        options.booleanValue(OptionKey.INCLUDE_TOKENS),
        observer);
  }
}

package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.function.Function;

/**
 * What all rows of one call have in common.
 *
 * @param includeTokens whether completions carry the token ids
 * @param failOnError whether the first row that cannot be completed ends the task
 */
record CompletionCall(
    RowParameters parameters,
    Window window,
    boolean includeTokens,
    boolean failOnError,
    CompletionObserver observer) {

  static CompletionCall of(
      OptionValues options,
      Function<OptionValues, PromptRenderer> renderers,
      CompletionObserver observer) {
    return new CompletionCall(
        new RowParameters(options, renderers),
        Window.of(options),
        options.booleanValue(OptionKey.INCLUDE_TOKENS),
        options.booleanValue(OptionKey.FAIL_ON_ERROR),
        observer);
  }
}

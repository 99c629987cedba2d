package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.PromptRenderer;
import io.github.gptoss.spark.internal.prompts.RowParameters;
import java.util.function.Function;

/**
 * What all rows of one call have in common.
 *
 * @param model the option
 * @param type of the completions
 * @param deduplicate whether equal rows of a stage share one generation
 * @param votes whether a row's samples vote for its answer
 * @param cascade which rows are asked again
 * @param tools answers calls of the model
 * @param failOnError whether the first row that cannot be completed ends the task
 */
record CompletionCall(
    String model,
    RowParameters parameters,
    InFlightLimit window,
    CompletionType type,
    boolean deduplicate,
    boolean failOnError,
    boolean votes,
    Cascade cascade,
    ToolLoop tools,
    CompletionObserver observer) {

  static CompletionCall of(
      OptionValues options,
      CompletionType type,
      Function<OptionValues, PromptRenderer> renderers,
      ToolLoop tools,
      CompletionObserver observer) {
    return new CompletionCall(
        options.text(OptionKey.MODEL),
        new RowParameters(options, renderers),
        InFlightLimit.of(options),
        type,
        options.booleanValue(OptionKey.DEDUPLICATE),
        options.booleanValue(OptionKey.FAIL_ON_ERROR),
        options.votes(),
        Cascade.of(options),
        tools,
        observer);
  }

  /** Whether completions carry the token ids. */
  boolean includeTokens() {
    return type.includeTokens();
  }
}

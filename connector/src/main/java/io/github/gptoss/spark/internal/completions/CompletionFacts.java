package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;

/**
 * What is counted of a completion.
 *
 * @param finishReason as tables have it
 * @param errorCode null if the completion is no error
 */
public record CompletionFacts(Usage usage, String finishReason, String errorCode) {
  public static CompletionFacts of(GenerationResult result) {
    RequestError error = CompletionFields.error(result);
    return new CompletionFacts(
        result.usage(), result.finishReason().wireName(), error == null ? null : error.code());
  }

  public static CompletionFacts of(CompletionVectors completions, int row) {
    return new CompletionFacts(
        completions.usage(row), completions.finishReason(row), completions.errorCode(row));
  }

  public boolean isError() {
    return errorCode != null;
  }
}

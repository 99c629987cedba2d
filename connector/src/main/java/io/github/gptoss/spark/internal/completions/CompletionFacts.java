package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;

/**
 * What is counted of a completion.
 *
 * @param usage of the attempt that made it
 * @param earlier what earlier attempts of the row took
 * @param finishReason as tables have it
 * @param errorCode null if the completion is no error
 */
public record CompletionFacts(Usage usage, Usage earlier, String finishReason, String errorCode) {
  public static CompletionFacts of(GenerationResult result) {
    RequestError error = CompletionFields.error(result);
    return new CompletionFacts(
        result.usage(),
        RowShare.NOTHING,
        result.finishReason().wireName(),
        error == null ? null : error.code());
  }

  public static CompletionFacts of(CompletionVectors completions, int row) {
    return new CompletionFacts(
        completions.usage(row),
        RowShare.NOTHING,
        completions.finishReason(row),
        completions.errorCode(row));
  }

  /** The same of a completion that a cache had: its whole prompt counts as found again. */
  public CompletionFacts fromCache() {
    Usage found =
        new Usage(
            usage.inputTokens(),
            usage.outputTokens(),
            usage.reasoningTokens(),
            usage.inputTokens());
    return new CompletionFacts(found, earlier, finishReason, errorCode);
  }

  /** The same behind other attempts. */
  public CompletionFacts after(Usage attempts) {
    return new CompletionFacts(usage, attempts, finishReason, errorCode);
  }

  /** The tokens of all attempts. */
  public Usage total() {
    return RowShare.sum(usage, earlier);
  }

  public boolean isError() {
    return errorCode != null;
  }
}

package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.List;

/**
 * Which rows are asked again, at a higher reasoning effort: those whose completion is an error, has
 * neither answer nor calls, or is less certain than is wanted.
 *
 * @param isOn whether any are
 * @param minConfidence the least confidence of an answer that has one
 */
record Cascade(boolean isOn, double minConfidence) {
  /** Lowest first. */
  private static final List<String> EFFORTS = List.of("none", "low", "medium", "high");

  static Cascade of(OptionValues options) {
    return new Cascade(options.escalates(), options.doubleValue(OptionKey.MIN_CONFIDENCE));
  }

  /**
   * The effort to ask again with; null where a completion stands.
   *
   * @param effort that it was made with; null where none applies
   */
  String next(String effort, GenerationResult result) {
    // What was refused before anything was generated is refused at any effort.
    boolean isRefused = result.error() != null && result.usage().outputTokens() == 0;
    return isOn && !isRefused && !passes(result) ? higher(effort) : null;
  }

  /** The same of a completion that was kept. */
  String next(String effort, CompletionVectors completions, int row) {
    return isOn && !passes(completions, row) ? higher(effort) : null;
  }

  private static String higher(String effort) {
    int at = effort == null ? -1 : EFFORTS.indexOf(effort);
    return at < 0 || at == EFFORTS.size() - 1 ? null : EFFORTS.get(at + 1);
  }

  private boolean passes(GenerationResult result) {
    boolean isAnswer =
        !result.toolCalls().isEmpty() || result.response() != null && !result.response().isBlank();
    Double confidence = result.formed() == null ? null : result.formed().confidence();
    return !CompletionFacts.of(result).isError() && isAnswer && isSure(confidence);
  }

  private boolean passes(CompletionVectors completions, int row) {
    return completions.errorCode(row) == null
        && completions.isAnswer(row)
        && isSure(completions.confidence(row));
  }

  private boolean isSure(Double confidence) {
    return confidence == null || confidence >= minConfidence;
  }
}

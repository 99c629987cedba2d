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
  static Cascade of(OptionValues options) {
    return new Cascade(options.escalates(), options.doubleValue(OptionKey.MIN_CONFIDENCE));
  }

  /**
   * The effort to ask again with; null where a completion stands.
   *
   * @param effort that it was made with; null where none applies
   * @param facts of the completion, as it is in the call's type
   */
  String next(String effort, CompletionFacts facts, GenerationResult result) {
    boolean isAnswer =
        !result.toolCalls().isEmpty() || result.response() != null && !result.response().isBlank();
    Double confidence = result.formed() == null ? null : result.formed().confidence();
    return next(effort, facts, isAnswer, confidence);
  }

  /** The same of a completion that was kept. */
  String next(String effort, CompletionFacts facts, CompletionVectors completions, int row) {
    return next(effort, facts, completions.isAnswer(row), completions.confidence(row));
  }

  private String next(String effort, CompletionFacts facts, boolean isAnswer, Double confidence) {
    // What was refused before anything was generated is refused at any effort.
    boolean isRefused = facts.isError() && facts.usage().outputTokens() == 0;
    boolean isSure = confidence == null || confidence >= minConfidence;
    boolean passes = !facts.isError() && isAnswer && isSure;
    return isOn && !isRefused && !passes ? higher(effort) : null;
  }

  private static String higher(String effort) {
    List<String> efforts = OptionValues.EFFORTS;
    int at = effort == null ? -1 : efforts.indexOf(effort);
    return at < 0 || at == efforts.size() - 1 ? null : efforts.get(at + 1);
  }
}

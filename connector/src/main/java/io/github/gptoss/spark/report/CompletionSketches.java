package io.github.gptoss.spark.report;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import java.io.Serializable;

/**
 * What is kept of a run's completions; nothing of any single row. Not thread-safe.
 *
 * @param inputTokens of all rows that have a prompt
 * @param outputTokens of rows without error, as the two others
 * @param outputTokensByTime by the time at which rows left
 */
public record CompletionSketches(
    LengthSketch inputTokens,
    LengthSketch outputTokens,
    LengthSketch reasoningTokens,
    RateSketch outputTokensByTime)
    implements Serializable {

  static CompletionSketches empty() {
    return new CompletionSketches(
        new LengthSketch(), new LengthSketch(), new LengthSketch(), new RateSketch());
  }

  CompletionSketches copy() {
    return new CompletionSketches(
        inputTokens.copy(), outputTokens.copy(), reasoningTokens.copy(), outputTokensByTime.copy());
  }

  boolean isEmpty() {
    return inputTokens.count() == 0 && outputTokens.count() == 0;
  }

  void add(GenerationResult result, long epochMillis) {
    Usage usage = result.usage();
    if (usage.inputTokens() > 0) {
      inputTokens.add(usage.inputTokens());
    }
    if (result.error() == null) {
      outputTokens.add(usage.outputTokens());
      reasoningTokens.add(usage.reasoningTokens());
      outputTokensByTime.add(epochMillis, usage.outputTokens());
    }
  }

  void merge(CompletionSketches other) {
    inputTokens.merge(other.inputTokens);
    outputTokens.merge(other.outputTokens);
    reasoningTokens.merge(other.reasoningTokens);
    outputTokensByTime.merge(other.outputTokensByTime);
  }
}

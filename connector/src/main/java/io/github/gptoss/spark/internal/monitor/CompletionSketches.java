package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.Usage;
import java.io.Serializable;

/**
 * What is kept of a run's completions; nothing of any single row. Not thread-safe.
 *
 * @param inputTokens of all rows that have a prompt
 * @param outputTokens of rows without error, as the two others
 * @param generatedTokensByTime by the time at which the engine was done with their row
 */
public record CompletionSketches(
    LengthSketch inputTokens,
    LengthSketch outputTokens,
    LengthSketch reasoningTokens,
    RateSketch generatedTokensByTime)
    implements Serializable {

  static CompletionSketches empty() {
    return new CompletionSketches(
        new LengthSketch(), new LengthSketch(), new LengthSketch(), new RateSketch());
  }

  CompletionSketches copy() {
    return new CompletionSketches(
        inputTokens.copy(),
        outputTokens.copy(),
        reasoningTokens.copy(),
        generatedTokensByTime.copy());
  }

  boolean isEmpty() {
    return inputTokens.count() == 0 && outputTokens.count() == 0;
  }

  void add(Usage usage, boolean isError) {
    if (usage.inputTokens() > 0) {
      inputTokens.add(usage.inputTokens());
    }
    if (!isError) {
      outputTokens.add(usage.outputTokens());
      reasoningTokens.add(usage.reasoningTokens());
    }
  }

  void addGenerated(int tokens, long epochMillis) {
    generatedTokensByTime.add(epochMillis, tokens);
  }

  void merge(CompletionSketches other) {
    inputTokens.merge(other.inputTokens);
    outputTokens.merge(other.outputTokens);
    reasoningTokens.merge(other.reasoningTokens);
    generatedTokensByTime.merge(other.generatedTokensByTime);
  }
}

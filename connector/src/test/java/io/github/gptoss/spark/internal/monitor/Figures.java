package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.Usage;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Figures of made-up runs. */
final class Figures {
  static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private Figures() {}

  static RunFigures of(
      CompletionSketches completions, double seconds, long rows, Map<String, Long> errorCodes) {
    long errors = errorCodes.values().stream().mapToLong(count -> count).sum();
    Map<String, Long> totals = new TreeMap<>();
    totals.put("rows", rows);
    totals.put("errors", errors);
    totals.put("input_tokens", completions.inputTokens().sum());
    totals.put("output_tokens", completions.outputTokens().sum());
    return new RunFigures(
        "0123456789abcdef",
        "complete",
        START,
        seconds,
        totals,
        completions,
        Map.of("stop", rows - errors, "error", errors),
        errorCodes,
        Map.of("input", "/data/<b>&\"|*.json"),
        Map.of("max_tokens", "64"),
        Map.of("java", "17"));
  }

  /** Of many rows over some time, lengths being skewed as real ones are. */
  static RunFigures many(int rows, double seconds) {
    Random random = new Random(1);
    CompletionSketches completions = CompletionSketches.empty();
    for (int i = 0; i < rows; i++) {
      int input = (int) Math.round(Math.exp(5 + random.nextGaussian() / 2));
      int output = (int) Math.round(Math.exp(4.5 + 0.8 * random.nextGaussian()));
      long time = (long) (1e3 * seconds * Math.pow((i + 1.0) / (rows + 1), 0.9));
      completions.add(new Usage(input, output, output / 2, 0), false);
      completions.addGenerated(output, START.toEpochMilli() + time);
    }
    return of(completions, seconds, rows, Map.of("null_prompt", 3L));
  }

  static RunFigures none() {
    return of(CompletionSketches.empty(), 0, 0, Map.of());
  }
}

package io.github.gptoss.spark.internal.monitor;

import java.time.Instant;
import java.util.Map;

/**
 * All that a run's report says. Holds no text of prompts or completions, and no secrets: who makes
 * it has taken them out.
 *
 * @param outcome how the run ended, in a few words
 * @param seconds from the start to the end
 * @param totals what the job's summary counts, by its names
 * @param finishReasons how often each occurred
 * @param errorCodes how often each occurred
 * @param run the job's own arguments and the model
 * @param options of the connector, those that were given
 * @param versions of what took part
 */
public record RunFigures(
    String runId,
    String outcome,
    Instant started,
    double seconds,
    Map<String, Long> totals,
    CompletionSketches completions,
    Map<String, Long> finishReasons,
    Map<String, Long> errorCodes,
    Map<String, String> run,
    Map<String, String> options,
    Map<String, String> versions) {

  long total(String name) {
    return totals.getOrDefault(name, 0L);
  }

  double outputTokensPerSecond() {
    return seconds > 0 ? total("output_tokens") / seconds : 0;
  }
}

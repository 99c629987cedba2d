package io.github.gptoss.spark.internal.monitor;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
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

  /** The report that says it. */
  public Report report() {
    return new Report(
        "gptoss-spark run",
        "%s · %s · %s".formatted(outcome, started.truncatedTo(ChronoUnit.SECONDS), runId),
        List.of(
            new Report.Tile(Numbers.whole(total("rows")), "rows"),
            new Report.Tile(
                Numbers.whole(total("errors")),
                "errors, " + Numbers.share(total("errors"), total("rows"))),
            new Report.Tile(Numbers.duration(seconds), "from start to end"),
            new Report.Tile(Numbers.whole(total("input_tokens")), "prompt tokens"),
            new Report.Tile(Numbers.whole(total("output_tokens")), "completion tokens"),
            new Report.Tile(Numbers.decimal(outputTokensPerSecond()), "completion tokens/s")),
        List.of(
            List.of(new Report.Figure("Throughput", Chart.ofThroughput(this))),
            List.of(Table.tokens(this)),
            List.of(
                new Report.Figure(
                    "Prompt length", Chart.ofLengths("prompt tokens", completions.inputTokens())),
                new Report.Figure(
                    "Completion length",
                    Chart.ofLengths("completion tokens", completions.outputTokens()))),
            List.of(Table.finishReasons(this), Table.errors(this)),
            List.of(Table.totals(this), Table.versions(this)),
            List.of(Table.run(this)),
            List.of(Table.options(this))));
  }
}

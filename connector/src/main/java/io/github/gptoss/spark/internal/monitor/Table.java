package io.github.gptoss.spark.internal.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A table of a report.
 *
 * @param columns their heads; none is shown where all are empty
 * @param numbers how many of the last columns are numbers
 */
public record Table(String title, List<String> columns, int numbers, List<List<String>> rows)
    implements Report.Block {
  private static final double[] SHARES = {0.1, 0.5, 0.9, 0.99};

  /** The run in one line for each of its figures. */
  static Table totals(RunFigures figures) {
    List<List<String>> rows = new ArrayList<>();
    figures.totals().forEach((name, total) -> rows.add(List.of(words(name), Numbers.whole(total))));
    return new Table("Totals", List.of("", ""), 1, rows);
  }

  /** Percentiles of token counts. */
  static Table tokens(RunFigures figures) {
    CompletionSketches sketches = figures.completions();
    return new Table(
        "Tokens of a row",
        List.of("", "rows", "least", "10%", "median", "90%", "99%", "most", "mean", "sum"),
        9,
        List.of(
            percentiles("prompt", sketches.inputTokens()),
            percentiles("completion", sketches.outputTokens()),
            percentiles("of it reasoning", sketches.reasoningTokens())));
  }

  private static List<String> percentiles(String name, LengthSketch lengths) {
    List<String> row = new ArrayList<>();
    row.add(name);
    row.add(Numbers.whole(lengths.count()));
    row.add(Numbers.whole(lengths.min()));
    for (double share : SHARES) {
      row.add(Numbers.whole(lengths.quantile(share)));
    }
    row.add(Numbers.whole(lengths.max()));
    row.add(Numbers.decimal(lengths.mean()));
    row.add(Numbers.whole(lengths.sum()));
    return row;
  }

  static Table finishReasons(RunFigures figures) {
    return counts("How completions ended", "finish_reason", figures.finishReasons());
  }

  static Table errors(RunFigures figures) {
    return counts("Errors", "error_code", figures.errorCodes());
  }

  private static Table counts(String title, String name, Map<String, Long> counts) {
    long all = counts.values().stream().mapToLong(count -> count).sum();
    List<List<String>> rows = new ArrayList<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(
            entry ->
                rows.add(
                    List.of(
                        entry.getKey(),
                        Numbers.whole(entry.getValue()),
                        Numbers.share(entry.getValue(), all))));
    return new Table(title, List.of(name, "rows", "share"), 2, rows);
  }

  static Table run(RunFigures figures) {
    return texts("Run", figures.run());
  }

  static Table options(RunFigures figures) {
    return texts("Options that were given", figures.options());
  }

  static Table versions(RunFigures figures) {
    return texts("Versions", figures.versions());
  }

  /** Names and what they stand for. */
  public static Table texts(String title, Map<String, String> texts) {
    List<List<String>> rows = new ArrayList<>();
    texts.forEach((name, text) -> rows.add(List.of(name, text == null ? "unknown" : text)));
    return new Table(title, List.of("", ""), 0, rows);
  }

  private static String words(String name) {
    return name.replace('_', ' ');
  }
}

package io.github.gptoss.spark.internal.monitor;

import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import scala.xml.Utility;

/** A report as Markdown, for wikis, pull requests and terminals; its charts are of characters. */
final class MarkdownReport {
  private static final int BAR_WIDTH = 40;

  private final RunFigures figures;
  private final StringBuilder page = new StringBuilder();

  private MarkdownReport(RunFigures figures) {
    this.figures = figures;
  }

  static String render(RunFigures figures) {
    return new MarkdownReport(figures).render();
  }

  private String render() {
    line("# gptoss-spark run");
    line("");
    line(
        "%s; started %s, took %s; run `%s`."
            .formatted(
                escape(figures.outcome()),
                figures.started().truncatedTo(ChronoUnit.SECONDS),
                Numbers.duration(figures.seconds()),
                escape(figures.runId())));
    line(
        "%s rows, %s of them errors; %s completion tokens, %s a second."
            .formatted(
                Numbers.whole(figures.total("rows")),
                Numbers.whole(figures.total("errors")),
                Numbers.whole(figures.total("output_tokens")),
                Numbers.decimal(figures.outputTokensPerSecond())));
    table(Table.tokens(figures));
    chart("Throughput", Chart.ofThroughput(figures));
    chart("Prompt length", Chart.ofLengths("prompt tokens", figures.completions().inputTokens()));
    chart(
        "Completion length",
        Chart.ofLengths("completion tokens", figures.completions().outputTokens()));
    table(Table.finishReasons(figures));
    table(Table.errors(figures));
    table(Table.totals(figures));
    table(Table.run(figures));
    table(Table.options(figures));
    table(Table.versions(figures));
    return page.toString();
  }

  private void line(String text) {
    page.append(text).append('\n');
  }

  private void title(String title) {
    line("");
    line("## " + title);
    line("");
  }

  private void table(Table table) {
    title(table.title());
    if (table.rows().isEmpty()) {
      line("none");
      return;
    }
    row(table.columns());
    int texts = table.columns().size() - table.numbers();
    line(
        "|"
            + String.join("", Collections.nCopies(texts, "---|"))
            + String.join("", Collections.nCopies(table.numbers(), "---:|")));
    table.rows().forEach(this::row);
  }

  private void row(List<String> texts) {
    line("| " + String.join(" | ", texts.stream().map(MarkdownReport::escape).toList()) + " |");
  }

  private void chart(String title, Chart chart) {
    if (chart == null) {
      return;
    }
    title(title);
    line("```text");
    line("%15s  %s".formatted(chart.xName(), chart.yName()));
    for (int i = 0; i < chart.bars().size(); i++) {
      Chart.Bar bar = chart.bars().get(i);
      boolean isRest = chart.isOpenEnded() && i == chart.bars().size() - 1;
      boolean isRows = chart.yName().equals("rows");
      String from = isRows ? Numbers.whole(bar.from()) : Numbers.decimal(bar.from());
      String height = isRows ? Numbers.whole(bar.height()) : Numbers.decimal(bar.height());
      int width = (int) Math.round(BAR_WIDTH * bar.height() / chart.highest());
      line("%15s  %s %s".formatted(from + (isRest ? "+" : ""), "█".repeat(width), height));
    }
    line("```");
    if (!chart.note().isEmpty()) {
      line("");
      line(chart.note());
    }
  }

  /** Text that is no markup, on one line. */
  private static String escape(String text) {
    return Utility.escape(text).replaceAll("([\\\\`*\\[\\]|~])", "\\\\$1").replaceAll("\\R", " ");
  }
}

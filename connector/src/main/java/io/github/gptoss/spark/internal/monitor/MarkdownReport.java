package io.github.gptoss.spark.internal.monitor;

import java.util.Collections;
import java.util.List;
import scala.xml.Utility;

/** A report as Markdown, for wikis, pull requests and terminals; its charts are of characters. */
final class MarkdownReport {
  private static final int BAR_WIDTH = 40;

  private final Report report;
  private final StringBuilder page = new StringBuilder();

  private MarkdownReport(Report report) {
    this.report = report;
  }

  static String render(Report report) {
    return new MarkdownReport(report).render();
  }

  private String render() {
    line("# " + escape(report.title()));
    line("");
    line(escape(report.about()));
    line("");
    report.tiles().forEach(tile -> line("- " + escape(tile.number() + " " + tile.name())));
    for (List<Report.Block> blocks : report.rows()) {
      for (Report.Block block : blocks) {
        if (block instanceof Table table) {
          table(table);
        } else if (block instanceof Report.Figure figure) {
          chart(figure.title(), figure.chart());
        }
      }
    }
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

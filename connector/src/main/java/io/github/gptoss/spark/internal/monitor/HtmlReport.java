package io.github.gptoss.spark.internal.monitor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import scala.xml.Utility;

/** A report as one HTML page that needs nothing else: no script, no network. */
final class HtmlReport {
  private static final int WIDE = 960;
  private static final int HALF = 466;
  private static final int HEIGHT = 240;

  private final Report report;
  private final StringBuilder page = new StringBuilder();

  private HtmlReport(Report report) {
    this.report = report;
  }

  static String render(Report report) {
    return new HtmlReport(report).render();
  }

  private String render() {
    line("<!DOCTYPE html>");
    line("<html lang=\"en\"><head><meta charset=\"utf-8\">");
    line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    // Whatever a name in it holds, the page loads and runs nothing.
    line(
        "<meta http-equiv=\"Content-Security-Policy\""
            + " content=\"default-src 'none'; style-src 'unsafe-inline'\">");
    line("<title>%s</title>", report.title() + ", " + report.about());
    line("<style>");
    line(style());
    line("</style></head><body><main>");
    line("<h1>%s</h1>", report.title());
    line("<p class=\"about\">%s</p>", report.about());
    line("<div class=\"tiles\">");
    report.tiles().forEach(tile -> tile(tile.number(), tile.name()));
    line("</div>");
    report.rows().forEach(this::row);
    line("</main></body></html>");
    return page.toString();
  }

  private void row(List<Report.Block> blocks) {
    boolean isAlone = blocks.size() == 1;
    if (!isAlone) {
      line("<div class=\"pair\">");
    }
    for (Report.Block block : blocks) {
      if (block instanceof Table table) {
        table(table);
      } else if (block instanceof Report.Figure figure) {
        chart(figure.title(), figure.chart(), isAlone ? WIDE : HALF);
      }
    }
    if (!isAlone) {
      line("</div>");
    }
  }

  private static String style() {
    try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new IllegalStateException("the jar is incomplete", e);
    }
  }

  private void line(String format, String... texts) {
    Object[] escaped = Stream.of(texts).map(Utility::escape).toArray();
    page.append(texts.length == 0 ? format : format.formatted(escaped)).append('\n');
  }

  private void tile(String number, String name) {
    line("<div class=\"tile\"><b>%s</b><span>%s</span></div>", number, name);
  }

  private void chart(String title, Chart chart, int width) {
    if (chart == null) {
      return;
    }
    line("<figure><h2>%s</h2>", title);
    line(SvgChart.draw(chart, title, width, HEIGHT));
    if (!chart.note().isEmpty()) {
      line("<figcaption>%s</figcaption>", chart.note());
    }
    line("</figure>");
  }

  private void table(Table table) {
    line("<section><h2>%s</h2>", table.title());
    if (table.rows().isEmpty()) {
      line("<p>none</p></section>");
      return;
    }
    line("<table%s>".formatted(table.numbers() == 0 ? " class=\"texts\"" : ""));
    if (table.columns().stream().anyMatch(column -> !column.isEmpty())) {
      line("<thead>");
      row("th", table.columns(), table);
      line("</thead>");
    }
    line("<tbody>");
    table.rows().forEach(row -> row("td", row, table));
    line("</tbody></table></section>");
  }

  private void row(String cell, List<String> texts, Table table) {
    page.append("<tr>");
    for (int i = 0; i < texts.size(); i++) {
      String kind = i >= texts.size() - table.numbers() ? " class=\"number\"" : "";
      page.append("<%s%s>%s</%s>".formatted(cell, kind, Utility.escape(texts.get(i)), cell));
    }
    page.append("</tr>\n");
  }
}

package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import scala.xml.Utility;

/** What is on the page between Spark's header and its end; all text is escaped here. */
final class PageContent {
  /** From when on an executor counts as silent. */
  private static final long SILENT_MILLIS = 5 * ExecutorSide.PERIOD_MILLIS;

  private static final String[] COLUMNS = {
    "Executor",
    "State",
    "Model",
    "Rows",
    "Requests",
    "Generated tok/s",
    "Prompt tok/s",
    "Batch occupancy",
    "KV memory",
    "Queue"
  };

  private PageContent() {}

  static String html(
      List<ExecutorTable.Row> rows,
      Totals totals,
      Optional<OptionValues> options,
      String sqlTab,
      boolean refreshes,
      long nowMillis) {
    StringBuilder html = new StringBuilder("<div>");
    if (refreshes) {
      html.append("<meta http-equiv=\"refresh\" content=\"3\"/>");
    }
    html.append(summary(totals, options, sqlTab, refreshes));
    if (rows.isEmpty()) {
      return html.append("<p>No executor has reported yet.</p></div>").toString();
    }
    html.append("<table class=\"table table-bordered table-striped table-sm\"><thead><tr>");
    for (String column : COLUMNS) {
      html.append("<th>").append(column).append("</th>");
    }
    html.append("</tr></thead><tbody>");
    rows.forEach(row -> html.append(row(row, nowMillis)));
    return html.append("</tbody></table></div>").toString();
  }

  private static String summary(
      Totals totals, Optional<OptionValues> options, String sqlTab, boolean refreshes) {
    ExecutorReport.Work work = totals.work();
    return "<ul class=\"list-unstyled\">"
        + item("Executors", ConsoleLine.executors(totals))
        + item("Preloaded", options.map(o -> o.text(OptionKey.MODEL)).orElse("no model is set"))
        + options.map(o -> item("Options set", optionNames(o))).orElse("")
        + item("Rows", Numbers.whole(work.rows()) + " completed, " + outcomes(work))
        + item(
            "Tokens",
            "%s of prompts computed, %s generated, %s/s now"
                .formatted(
                    Numbers.whole(work.promptTokens()),
                    Numbers.whole(work.generatedTokens()),
                    Numbers.whole(totals.load().generatedTokensPerSecond())))
        + "<li><strong>Plans:</strong> <a href=\""
        + Utility.escape(sqlTab)
        + "\">SQL / DataFrame</a> &#183; <a href=\""
        + (refreshes ? "?\">Stop refreshing" : "?refresh=true\">Refresh every 3 s")
        + "</a></li></ul>";
  }

  /** Texts by name only, since they may be prompts or secrets. */
  private static String optionNames(OptionValues options) {
    List<String> names = new ArrayList<>();
    for (OptionKey key : OptionKey.values()) {
      if (options.isSet(key) && key != OptionKey.MODEL) {
        boolean isText = key.kind().isText();
        names.add(isText ? key.optionName() : key.optionName() + "=" + options.text(key));
      }
    }
    return names.isEmpty() ? "none but the model" : String.join(", ", names);
  }

  private static String outcomes(ExecutorReport.Work work) {
    return "%s errors, %s deduplicated, %s resumed, %s from the cache"
        .formatted(
            Numbers.whole(work.errors()),
            Numbers.whole(work.deduplicated()),
            Numbers.whole(work.resumed()),
            Numbers.whole(work.cached()));
  }

  private static String row(ExecutorTable.Row row, long nowMillis) {
    ExecutorReport report = row.report();
    ExecutorReport.Work work = report.work();
    ExecutorReport.Load load = row.isLost() ? ExecutorReport.Load.NONE : report.load();
    String where =
        row.host()
            + (report.devices().isEmpty() ? "" : " GPU " + String.join(", ", report.devices()));
    return "<tr"
        + (row.isLost() ? " class=\"table-danger\"" : "")
        + ">"
        + cell(report.executor(), small(where))
        + state(row, nowMillis)
        + cell(
            report.model() == null ? "" : report.model(),
            small(report.backend() == null ? "" : report.backend()))
        + cell(Numbers.whole(work.rows()), small(outcomes(work)))
        + cell(
            Numbers.whole(load.running()) + " running",
            small(Numbers.whole(load.waiting()) + " waiting"))
        + curve(
            row,
            Numbers.whole(load.generatedTokensPerSecond()),
            History.Point::generatedTokensPerSecond,
            0)
        + cell(Numbers.whole(load.promptTokensPerSecond()))
        + curve(row, percent(load.occupancy()), History.Point::occupancy, 1)
        + curve(
            row,
            percent(load.kvShare()) + " of " + bytes(load.kvTotalBytes()),
            History.Point::kvShare,
            1)
        + curve(row, Numbers.whole(load.waiting()), History.Point::waiting, 0)
        + "</tr>";
  }

  private static String state(ExecutorTable.Row row, long nowMillis) {
    ExecutorReport report = row.report();
    if (row.isLost()) {
      return cell("lost", small(row.lostReason()));
    }
    if (report.problem() != null) {
      return cell(report.state().label(), small(report.problem()));
    }
    long silentMillis = nowMillis - row.seenMillis();
    String more = "";
    if (silentMillis > SILENT_MILLIS) {
      more = "silent for " + silentMillis / 1000 + " s";
    } else if (report.copyTotalBytes() > 0) {
      more = bytes(report.copiedBytes()) + " of " + bytes(report.copyTotalBytes());
    } else if (report.loadSeconds() > 0) {
      more = String.format(Locale.ROOT, "loaded in %.1f s", report.loadSeconds());
    }
    return cell(report.state().label(), small(more));
  }

  private static String curve(
      ExecutorTable.Row row, String text, ToDoubleFunction<History.Point> figure, double most) {
    return cell(text, Sparkline.svg(row.history().stream().mapToDouble(figure).toArray(), most));
  }

  private static String cell(String text) {
    return "<td>" + Utility.escape(text) + "</td>";
  }

  /** A cell with something small below its text. */
  private static String cell(String text, String htmlBelow) {
    return "<td>" + Utility.escape(text) + "<br/>" + htmlBelow + "</td>";
  }

  private static String small(String text) {
    return "<small class=\"text-muted\">" + Utility.escape(text) + "</small>";
  }

  private static String item(String name, String text) {
    return "<li><strong>" + Utility.escape(name) + ":</strong> " + Utility.escape(text) + "</li>";
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }

  private static String bytes(long bytes) {
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%,.0f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%,.1f GiB", bytes / (double) (1 << 30));
  }
}

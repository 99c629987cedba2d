package io.github.gptoss.spark.internal.monitor;

import java.util.Locale;
import scala.xml.Utility;

/** Draws a chart as an SVG element; its colours are the page's classes. */
final class SvgChart {
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 16;
  private static final int BOTTOM = 44;
  private static final int TICK_PIXELS = 80;
  private static final int Y_TICKS = 4;
  private static final int RANGE_END = 3;

  private final Chart chart;
  private final int width;
  private final int height;
  private final StringBuilder svg = new StringBuilder();
  private final double yTop;

  private SvgChart(Chart chart, int width, int height) {
    this.chart = chart;
    this.width = width;
    this.height = height;
    double step = yStep();
    yTop = Math.ceil(chart.highest() / step - 1e-9) * step;
  }

  /**
   * @param title says what the chart shows, for those who cannot see it
   * @param width in pixels, where the page has room for it; as height
   */
  static String draw(Chart chart, String title, int width, int height) {
    return new SvgChart(chart, width, height).draw(title);
  }

  private double yStep() {
    double step = Numbers.niceTick(Math.max(chart.highest(), 1e-9) / Y_TICKS);
    return chart.yName().equals("rows") ? Math.max(1, step) : step;
  }

  private double x(double value) {
    return LEFT + (value - chart.start()) / (chart.end() - chart.start()) * (width - LEFT - RIGHT);
  }

  private double y(double value) {
    return height - BOTTOM - value / yTop * (height - TOP - BOTTOM);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private String draw(String title) {
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        width, height, Utility.escape(title));
    for (double tick = 0; tick <= yTop * 1.0001; tick += yStep()) {
      add(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
          LEFT, width - RIGHT, y(tick), y(tick));
      add(
          "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT - 8, y(tick) + 4, Numbers.tick(tick, yStep()));
    }
    bars();
    if (chart.hasDiagonal()) {
      add(
          "<line class=\"diagonal\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
          x(chart.start()), x(chart.end()), y(chart.start()), y(chart.end()));
    }
    double step =
        Numbers.niceTick((chart.end() - chart.start()) * TICK_PIXELS / (width - LEFT - RIGHT));
    for (double tick = Math.ceil(chart.start() / step - 1e-9) * step;
        tick <= chart.end() + 1e-9;
        tick += step) {
      add(
          "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x(tick), height - BOTTOM + 18, Numbers.tick(tick, step));
    }
    add(
        "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
        (LEFT + width - RIGHT) / 2, height - 6, Utility.escape(chart.xName()));
    add(
        "<text class=\"axis\" x=\"14\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 14 %d)\">%s</text>",
        (TOP + height - BOTTOM) / 2, (TOP + height - BOTTOM) / 2, Utility.escape(chart.yName()));
    return svg.append("</svg>").toString();
  }

  private void bars() {
    for (int i = 0; i < chart.bars().size(); i++) {
      Chart.Bar bar = chart.bars().get(i);
      boolean isRest = chart.isOpenEnded() && i == chart.bars().size() - 1;
      double barWidth = x(bar.to()) - x(bar.from());
      double gap = barWidth > 4 ? 1 : 0;
      add(
          "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>%s</title></rect>",
          isRest ? "rest" : "bar",
          x(bar.from()) + gap / 2,
          y(bar.height()),
          barWidth - gap,
          y(0) - y(bar.height()),
          Utility.escape(tip(bar, isRest)));
      if (bar.range() != null) {
        range(bar);
      }
    }
  }

  /** A line from the lowest to the highest height that a bar may have, with an end at each. */
  private void range(Chart.Bar bar) {
    double middle = x((bar.from() + bar.to()) / 2);
    double low = y(bar.range().low());
    double high = y(bar.range().high());
    add(
        "<path class=\"range\" d=\"M%.2f %.2fV%.2fM%.2f %.2fH%.2fM%.2f %.2fH%.2f\"/>",
        middle,
        low,
        high,
        middle - RANGE_END,
        low,
        middle + RANGE_END,
        middle - RANGE_END,
        high,
        middle + RANGE_END);
  }

  private String tip(Chart.Bar bar, boolean isRest) {
    if (!chart.yName().equals("rows")) {
      return "%s to %s %s: %s %s"
          .formatted(
              Numbers.decimal(bar.from()),
              Numbers.decimal(bar.to()),
              chart.xName(),
              Numbers.decimal(bar.height()),
              chart.yName());
    }
    String to = isRest ? " and more" : " to " + Numbers.whole(bar.to() - 1);
    return Numbers.whole(bar.from())
        + to
        + " "
        + chart.xName()
        + ": "
        + Numbers.whole(bar.height())
        + " rows";
  }
}

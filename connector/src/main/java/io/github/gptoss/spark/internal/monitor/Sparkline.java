package io.github.gptoss.spark.internal.monitor;

import java.util.Locale;

/** A small curve as SVG inside the page, which loads nothing from anywhere. */
final class Sparkline {
  private static final int WIDTH = 120;
  private static final int HEIGHT = 26;

  private Sparkline() {}

  /**
   * @param values not negative, oldest first
   * @param most what reaches the top; where it is not above 0, the largest value does
   */
  static String svg(double[] values, double most) {
    double top = most;
    if (top <= 0) {
      for (double value : values) {
        top = Math.max(top, value);
      }
    }
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      double x = values.length == 1 ? WIDTH : (double) i * WIDTH / (values.length - 1);
      double share = top > 0 ? Math.min(1, Math.max(0, values[i] / top)) : 0;
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, HEIGHT - 1 - share * (HEIGHT - 2)));
    }
    String area =
        values.length < 2
            ? ""
            : "<polygon fill=\"#cfe2f3\" points=\"0,%d %s%d,%d\"/>"
                .formatted(HEIGHT, points, WIDTH, HEIGHT);
    return "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">%s"
            .formatted(WIDTH, HEIGHT, WIDTH, HEIGHT, area)
        + "<polyline fill=\"none\" stroke=\"#1f6fb2\" stroke-width=\"1.2\" points=\""
        + points.toString().strip()
        + "\"/></svg>";
  }
}

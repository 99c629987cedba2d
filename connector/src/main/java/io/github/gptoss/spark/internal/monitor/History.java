package io.github.gptoss.spark.internal.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * An executor's whole life in a bounded number of points: whenever they are used up, every two
 * become one, and from then on a point is the mean of twice as many reports. Not thread-safe.
 */
final class History {
  static final int MOST_POINTS = 240;

  /** Means over some reports. */
  record Point(double generatedTokensPerSecond, double occupancy, double kvShare, double waiting) {
    static Point of(ExecutorReport.Load load) {
      return new Point(
          load.generatedTokensPerSecond(), load.occupancy(), load.kvShare(), load.waiting());
    }

    private static Point mean(List<Point> points) {
      return new Point(
          mean(points, Point::generatedTokensPerSecond),
          mean(points, Point::occupancy),
          mean(points, Point::kvShare),
          mean(points, Point::waiting));
    }

    private static double mean(List<Point> points, ToDoubleFunction<Point> figure) {
      return points.stream().mapToDouble(figure).average().orElse(0);
    }
  }

  private final List<Point> points = new ArrayList<>();
  private final List<Point> unmerged = new ArrayList<>();
  private int reportsPerPoint = 1;

  void add(Point point) {
    unmerged.add(point);
    if (unmerged.size() < reportsPerPoint) {
      return;
    }
    points.add(Point.mean(unmerged));
    unmerged.clear();
    if (points.size() == MOST_POINTS) {
      for (int i = 0; i < MOST_POINTS / 2; i++) {
        points.set(i, Point.mean(points.subList(2 * i, 2 * i + 2)));
      }
      points.subList(MOST_POINTS / 2, MOST_POINTS).clear();
      reportsPerPoint *= 2;
    }
  }

  /** Oldest first. */
  List<Point> points() {
    return List.copyOf(points);
  }
}

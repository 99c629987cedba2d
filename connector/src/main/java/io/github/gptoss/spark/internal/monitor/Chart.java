package io.github.gptoss.spark.internal.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A row of bars over a line of numbers, as it will be drawn.
 *
 * @param isOpenEnded whether the last bar holds all that is beyond its beginning
 * @param hasDiagonal whether a line shows where height and place are the same
 * @param note what has to be known to read it; empty if nothing
 */
public record Chart(
    String xName,
    String yName,
    List<Bar> bars,
    boolean isOpenEnded,
    boolean hasDiagonal,
    String note) {
  private static final int MOST_BARS = 24;

  /** Beyond so many times the 99th percentile, lengths share the last bar. */
  private static final int FAR = 3;

  private static final String WHEN =
      "A row's tokens count when its last one is there; rows of a journal and equal ones do not.";

  /**
   * What lies between two numbers of the line.
   *
   * @param range what the height may be in truth; null where it is known
   */
  public record Bar(double from, double to, double height, Range range) {
    public Bar(double from, double to, double height) {
      this(from, to, height, null);
    }
  }

  /** Heights of a bar between which its own lies. */
  public record Range(double low, double high) {}

  double end() {
    return bars.get(bars.size() - 1).to;
  }

  double start() {
    return bars.get(0).from;
  }

  double highest() {
    double highest = bars.stream().mapToDouble(Bar::height).max().orElse(0);
    return hasDiagonal ? Math.max(highest, end()) : highest;
  }

  /** How many rows have which length; null where there is no row. */
  static Chart ofLengths(String xName, LengthSketch lengths) {
    if (lengths.count() == 0) {
      return null;
    }
    long usual = lengths.quantile(0.99);
    boolean isOpenEnded = lengths.max() > FAR * Math.max(1, usual);
    long top = isOpenEnded ? usual : lengths.max();
    // Much wider than what the sketch can tell, else its buckets would show as a comb.
    long width =
        Numbers.niceStep(
            Math.max(
                LengthSketch.resolution(top) == 1 ? 1 : 4.0 * LengthSketch.resolution(top),
                (top - lengths.min() + 1.0) / MOST_BARS));
    long first = lengths.min() / width;
    long last = top / width + (isOpenEnded ? 1 : 0);
    Map<Long, Long> counts =
        lengths.grouped(length -> Math.max(first, Math.min(last, length / width)));
    List<Bar> bars = new ArrayList<>();
    for (long bar = first; bar <= last; bar++) {
      bars.add(new Bar(bar * width, (bar + 1) * width, counts.getOrDefault(bar, 0L)));
    }
    return new Chart(
        xName,
        "rows",
        bars,
        isOpenEnded,
        false,
        isOpenEnded ? "The last bar holds all that is longer." : "");
  }

  /** Generated tokens a second over the time of the run; null where there were none. */
  static Chart ofThroughput(RunFigures figures) {
    if (figures.completions().generatedTokensByTime().isEmpty()) {
      return null;
    }
    long start = figures.started().toEpochMilli();
    long end = start + Math.max(1, Math.round(figures.seconds() * 1e3));
    Numbers.TimeUnit unit = Numbers.TimeUnit.of(figures.seconds());
    List<Bar> bars = new ArrayList<>();
    for (RateSketch.Rate rate : figures.completions().generatedTokensByTime().rates(start, end)) {
      bars.add(
          new Bar(
              rate.fromSeconds() / unit.seconds(),
              rate.toSeconds() / unit.seconds(),
              rate.perSecond()));
    }
    return new Chart(unit.plural() + " since the start", "tokens/s", bars, false, false, WHEN);
  }
}

package io.github.gptoss.spark.internal.monitor;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much happened when, in bounded memory: amounts by equal spans of the clock, which double when
 * there are too many of them. Not thread-safe.
 */
final class RateSketch implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int MAX_SPANS = 48;
  private static final long FIRST_SPAN_MILLIS = 250;

  /** The amount by span, which is the time in milliseconds divided by the span's length. */
  private TreeMap<Long, Long> amounts = new TreeMap<>();

  private long spanMillis = FIRST_SPAN_MILLIS;

  /**
   * An amount for each second.
   *
   * @param fromSeconds since the start
   */
  record Rate(double fromSeconds, double toSeconds, double perSecond) {}

  RateSketch copy() {
    RateSketch copy = new RateSketch();
    copy.amounts.putAll(amounts);
    copy.spanMillis = spanMillis;
    return copy;
  }

  void add(long epochMillis, long amount) {
    amounts.merge(Math.floorDiv(epochMillis, spanMillis), amount, Long::sum);
    coarsen();
  }

  void merge(RateSketch other) {
    RateSketch others = other.copy();
    while (spanMillis < others.spanMillis) {
      halve();
    }
    while (others.spanMillis < spanMillis) {
      others.halve();
    }
    others.amounts.forEach((span, amount) -> amounts.merge(span, amount, Long::sum));
    coarsen();
  }

  boolean isEmpty() {
    return amounts.values().stream().allMatch(amount -> amount == 0);
  }

  private void coarsen() {
    while (!amounts.isEmpty() && amounts.lastKey() - amounts.firstKey() >= MAX_SPANS) {
      halve();
    }
  }

  /** Doubles the spans, which halves their number. */
  private void halve() {
    TreeMap<Long, Long> halved = new TreeMap<>();
    amounts.forEach((span, amount) -> halved.merge(span >> 1, amount, Long::sum));
    amounts = halved;
    spanMillis *= 2;
  }

  /**
   * The rates of every span between two times; those in which nothing happened too. What other
   * machines' clocks put outside counts for the first or the last span.
   */
  List<Rate> rates(long startMillis, long endMillis) {
    if (endMillis - startMillis > (MAX_SPANS - 1) * spanMillis) {
      RateSketch coarser = copy();
      while (endMillis - startMillis > (MAX_SPANS - 1) * coarser.spanMillis) {
        coarser.halve();
      }
      return coarser.rates(startMillis, endMillis);
    }
    long first = Math.floorDiv(startMillis, spanMillis);
    long last = Math.max(first, Math.floorDiv(endMillis - 1, spanMillis));
    TreeMap<Long, Long> inside = new TreeMap<>();
    for (Map.Entry<Long, Long> amount : amounts.entrySet()) {
      long span = Math.min(last, Math.max(first, amount.getKey()));
      inside.merge(span, amount.getValue(), Long::sum);
    }
    List<Rate> rates = new ArrayList<>();
    for (long span = first; span <= last; span++) {
      long from = Math.max(startMillis, span * spanMillis);
      long to = Math.max(from + 1, Math.min(endMillis, (span + 1) * spanMillis));
      rates.add(
          new Rate(
              (from - startMillis) / 1e3,
              (to - startMillis) / 1e3,
              inside.getOrDefault(span, 0L) * 1e3 / (to - from)));
    }
    return rates;
  }

  @Override
  public String toString() {
    return amounts.size() + " spans of " + spanMillis + " ms";
  }
}

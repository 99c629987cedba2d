package io.github.gptoss.spark.internal.job;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/** Counts how often each of a few names occurs. */
final class NamedCounts extends AccumulatorV2<String, Map<String, Long>> {
  private static final long serialVersionUID = 1L;

  private final Map<String, Long> counts = Collections.synchronizedMap(new TreeMap<>());

  @Override
  public boolean isZero() {
    return counts.isEmpty();
  }

  @Override
  public NamedCounts copy() {
    NamedCounts copy = new NamedCounts();
    copy.merge(this);
    return copy;
  }

  @Override
  public void reset() {
    counts.clear();
  }

  @Override
  public void add(String name) {
    counts.merge(name, 1L, Long::sum);
  }

  /** Takes back one that this task counted. */
  void remove(String name) {
    counts.computeIfPresent(name, (same, count) -> count == 1 ? null : count - 1);
  }

  @Override
  public void merge(AccumulatorV2<String, Map<String, Long>> other) {
    other.value().forEach((name, count) -> counts.merge(name, count, Long::sum));
  }

  @Override
  public Map<String, Long> value() {
    synchronized (counts) {
      return new TreeMap<>(counts);
    }
  }
}

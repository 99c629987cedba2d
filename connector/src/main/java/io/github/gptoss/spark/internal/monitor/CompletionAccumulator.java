package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.Usage;
import java.io.IOException;
import java.io.ObjectOutputStream;
import org.apache.spark.util.AccumulatorV2;

/**
 * Collects the sketches of completions on executors for the driver. Synchronized, since heartbeats
 * take it while its task adds to it. To be registered without a name: Spark's UI shows the values
 * of those that have one.
 */
public final class CompletionAccumulator
    extends AccumulatorV2<CompletionAccumulator.Completed, CompletionSketches> {
  private static final long serialVersionUID = 1L;

  /** A row's completion. */
  public record Completed(Usage usage, boolean isError) {}

  private CompletionSketches sketches = CompletionSketches.empty();

  @Override
  public synchronized boolean isZero() {
    return sketches.isEmpty();
  }

  @Override
  public CompletionAccumulator copy() {
    CompletionAccumulator copy = new CompletionAccumulator();
    copy.sketches = value();
    return copy;
  }

  @Override
  public synchronized void reset() {
    sketches = CompletionSketches.empty();
  }

  @Override
  public synchronized void add(Completed completed) {
    sketches.add(completed.usage, completed.isError);
  }

  public synchronized void addGenerated(int tokens, long epochMillis) {
    sketches.addGenerated(tokens, epochMillis);
  }

  @Override
  public void merge(AccumulatorV2<Completed, CompletionSketches> other) {
    CompletionSketches others = other.value();
    synchronized (this) {
      sketches.merge(others);
    }
  }

  @Override
  public synchronized CompletionSketches value() {
    return sketches.copy();
  }

  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
  }
}

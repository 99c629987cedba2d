package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.arrow.RowVectors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Rows in batches of vectors: a batch takes rows until it is full, and its memory is freed when all
 * of its rows have left. Belongs to one thread.
 */
final class RowBatches<V extends RowVectors> implements AutoCloseable {
  private final Supplier<V> maker;
  private final Predicate<V> isFull;
  private final List<Batch<V>> batches = new ArrayList<>();

  /** Takes the next row; null before the first one, and when it is full. */
  private Batch<V> current;

  private static final class Batch<V> {
    final V vectors;
    int rowsHere;

    Batch(V vectors) {
      this.vectors = vectors;
    }
  }

  /** Where a row is until it leaves. */
  record Place<V extends RowVectors>(RowBatches<V> batches, Batch<V> batch, int row) {
    V vectors() {
      return batch.vectors;
    }

    /** The same place, of another that wants the row and has to leave it. */
    Place<V> shared() {
      batch.rowsHere++;
      return this;
    }

    /** The row is wanted no longer; to be called once by each that wanted it. */
    void leave() {
      batches.leave(batch);
    }
  }

  RowBatches(Supplier<V> maker, Predicate<V> isFull) {
    this.maker = maker;
    this.isFull = isFull;
  }

  /** The vectors that the next row is to be appended to. */
  V open() {
    if (current == null) {
      current = new Batch<>(maker.get());
      batches.add(current);
    }
    return current.vectors;
  }

  /** The place of the row that was just appended. */
  Place<V> appended() {
    Batch<V> batch = current;
    batch.rowsHere++;
    if (isFull.test(batch.vectors)) {
      current = null;
    }
    return new Place<>(this, batch, batch.vectors.rows() - 1);
  }

  private void leave(Batch<V> batch) {
    if (--batch.rowsHere > 0) {
      return;
    }
    if (batch == current) {
      batch.vectors.clear();
    } else {
      batches.remove(batch);
      batch.vectors.close();
    }
  }

  @Override
  public void close() {
    batches.forEach(batch -> batch.vectors.close());
    batches.clear();
    current = null;
  }
}

package io.github.gptoss.spark.internal.sql;

import java.util.Iterator;
import java.util.function.LongConsumer;

/**
 * Measures how long its elements take, so that this can be taken off the time of their consumer.
 */
final class TimedIterator<T> implements Iterator<T> {
  private final Iterator<T> elements;
  private long spentNanos;

  TimedIterator(Iterator<T> elements) {
    this.elements = elements;
  }

  @Override
  public boolean hasNext() {
    long start = System.nanoTime();
    try {
      return elements.hasNext();
    } finally {
      spentNanos += System.nanoTime() - start;
    }
  }

  @Override
  public T next() {
    long start = System.nanoTime();
    try {
      return elements.next();
    } finally {
      spentNanos += System.nanoTime() - start;
    }
  }

  /** The consumer's own elements; reports the time each took beyond the elements it consumed. */
  <O> Iterator<O> whatElseTakesTime(Iterator<O> consumer, LongConsumer nanos) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return consumer.hasNext();
      }

      @Override
      public O next() {
        long start = System.nanoTime();
        long before = spentNanos;
        O element = consumer.next();
        nanos.accept(System.nanoTime() - start - (spentNanos - before));
        return element;
      }
    };
  }
}

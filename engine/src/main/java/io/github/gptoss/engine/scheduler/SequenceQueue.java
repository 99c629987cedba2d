package io.github.gptoss.engine.scheduler;

import java.util.ArrayList;
import java.util.List;

/** Sequences in the order of their arrival, whatever the order in which they are put in. */
final class SequenceQueue {
  private final List<Sequence> sequences = new ArrayList<>();

  int size() {
    return sequences.size();
  }

  Sequence get(int i) {
    return sequences.get(i);
  }

  Sequence last() {
    return sequences.get(sequences.size() - 1);
  }

  void add(Sequence sequence) {
    sequences.add(indexFrom(sequence.arrival), sequence);
  }

  void remove(Sequence sequence) {
    sequences.remove(indexFrom(sequence.arrival));
  }

  /** Index of the first sequence that did not arrive before {@code arrival}. */
  private int indexFrom(long arrival) {
    int low = 0;
    int high = sequences.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sequences.get(middle).arrival < arrival) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

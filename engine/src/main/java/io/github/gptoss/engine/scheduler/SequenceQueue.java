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
    sequences.add(indexOf(sequence), sequence);
  }

  void remove(Sequence sequence) {
    sequences.remove(indexOf(sequence));
  }

  /** Index of the first sequence that did not come before this one. */
  private int indexOf(Sequence sequence) {
    int low = 0;
    int high = sequences.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isBefore(sequences.get(middle), sequence)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static boolean isBefore(Sequence a, Sequence b) {
    return a.arrival == b.arrival ? a.branch < b.branch : a.arrival < b.arrival;
  }
}

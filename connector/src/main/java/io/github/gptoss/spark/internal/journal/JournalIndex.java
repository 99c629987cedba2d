package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.completions.CompletionKey;
import java.util.function.LongPredicate;

/**
 * Where each key's completion is: an open-addressed table of the key's first word and a place, some
 * 30 bytes a completion. Another key may have the same word, so places are candidates.
 */
final class JournalIndex {
  private static final int SMALLEST = 1 << 10;

  private long[] words = new long[SMALLEST];

  /** The place plus one; 0 where there is none. */
  private long[] places = new long[SMALLEST];

  private int size;

  void add(CompletionKey key, long place) {
    // At 5/8 an absent key takes some four looks.
    if (size + 1 > places.length / 8 * 5) {
      grow();
    }
    insert(key.word0(), place + 1);
    size++;
  }

  private void grow() {
    long[] oldWords = words;
    long[] oldPlaces = places;
    words = new long[oldWords.length * 2];
    places = new long[oldPlaces.length * 2];
    for (int i = 0; i < oldPlaces.length; i++) {
      if (oldPlaces[i] != 0) {
        insert(oldWords[i], oldPlaces[i]);
      }
    }
  }

  private void insert(long word, long placePlusOne) {
    int mask = places.length - 1;
    int at = (int) word & mask;
    while (places[at] != 0) {
      at = (at + 1) & mask;
    }
    words[at] = word;
    places[at] = placePlusOne;
  }

  /**
   * Offers the places of all keys with this key's first word, until one is the key's own.
   *
   * @return whether one was
   */
  boolean find(CompletionKey key, LongPredicate isOwn) {
    int mask = places.length - 1;
    for (int at = (int) key.word0() & mask; places[at] != 0; at = (at + 1) & mask) {
      if (words[at] == key.word0() && isOwn.test(places[at] - 1)) {
        return true;
      }
    }
    return false;
  }

  /** Completions, those of equal keys counted each. */
  int size() {
    return size;
  }
}

package io.github.gptoss.engine.tokenizer;

import java.util.Arrays;

/**
 * Merges the bytes of one piece into tokens: again and again the adjacent pair of the lowest rank,
 * the leftmost of equals, becomes one. A linked list of parts and a heap of pairs keep a piece of n
 * bytes at O(n log n). Holds buffers, so it is not thread-safe.
 */
final class BytePairMerger {
  private static final int POSITION_BITS = 32;

  private final Vocabulary vocabulary;
  private byte[] piece = new byte[0];
  private int length;

  // A part is named by its first byte.
  private int[] next = new int[0]; // where the part after this one begins
  private int[] previous = new int[0];
  private int[] pairRank = new int[0]; // rank of this part merged with the next, or NOT_A_TOKEN

  private long[] heap = new long[0]; // rank << 32 | part; an entry whose rank has changed is stale
  private int heapSize;

  BytePairMerger(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Appends the tokens of {@code source[0, length)}, {@code length > 0}. */
  void merge(byte[] source, int length, TokenList out) {
    int whole = vocabulary.find(source, 0, length);
    if (whole != Vocabulary.NOT_A_TOKEN) {
      out.add(whole);
      return;
    }
    begin(source, length);
    while (heapSize > 0) {
      long entry = pop();
      int part = (int) entry;
      if (pairRank[part] == (int) (entry >>> POSITION_BITS)) {
        mergeWithNext(part);
      }
    }
    for (int part = 0; part < length; part = next[part]) {
      out.add(vocabulary.find(source, part, next[part]));
    }
  }

  private void begin(byte[] source, int length) {
    this.piece = source;
    this.length = length;
    if (next.length < length) {
      int capacity = Math.max(64, length + (length >> 1));
      next = new int[capacity];
      previous = new int[capacity];
      pairRank = new int[capacity];
      heap = new long[capacity];
    }
    heapSize = 0;
    for (int i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      pairRank[i] = i + 2 <= length ? vocabulary.find(source, i, i + 2) : Vocabulary.NOT_A_TOKEN;
      if (pairRank[i] != Vocabulary.NOT_A_TOKEN) {
        heap[heapSize++] = entry(i);
      }
    }
    for (int i = heapSize / 2 - 1; i >= 0; i--) {
      siftDown(i);
    }
  }

  private void mergeWithNext(int part) {
    int absorbed = next[part];
    int after = next[absorbed];
    next[part] = after;
    if (after < length) {
      previous[after] = part;
    }
    pairRank[absorbed] = Vocabulary.NOT_A_TOKEN;
    rank(part);
    if (previous[part] >= 0) {
      rank(previous[part]);
    }
  }

  private void rank(int part) {
    int second = next[part];
    int found =
        second < length ? vocabulary.find(piece, part, next[second]) : Vocabulary.NOT_A_TOKEN;
    pairRank[part] = found;
    if (found != Vocabulary.NOT_A_TOKEN) {
      push(entry(part));
    }
  }

  private long entry(int part) {
    return (long) pairRank[part] << POSITION_BITS | part;
  }

  private void push(long entry) {
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, heapSize * 2);
    }
    int i = heapSize++;
    while (i > 0 && heap[(i - 1) / 2] > entry) {
      heap[i] = heap[(i - 1) / 2];
      i = (i - 1) / 2;
    }
    heap[i] = entry;
  }

  private long pop() {
    long top = heap[0];
    heap[0] = heap[--heapSize];
    siftDown(0);
    return top;
  }

  private void siftDown(int root) {
    long entry = heap[root];
    int i = root;
    while (2 * i + 1 < heapSize) {
      int child = 2 * i + 1;
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= entry) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = entry;
  }
}

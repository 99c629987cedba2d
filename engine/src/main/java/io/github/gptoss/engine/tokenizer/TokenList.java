package io.github.gptoss.engine.tokenizer;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntConsumer;

/** A growable list of token ids. Not thread-safe. */
public final class TokenList {
  private int[] ids;
  private int size;

  public TokenList() {
    this(64);
  }

  public TokenList(int capacity) {
    ids = new int[Math.max(capacity, 8)];
  }

  public void add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size + (size >> 1));
    }
    ids[size++] = id;
  }

  public void addAll(int[] more) {
    if (more.length > ids.length - size) {
      ids = Arrays.copyOf(ids, Math.max(size + (size >> 1), size + more.length));
    }
    System.arraycopy(more, 0, ids, size, more.length);
    size += more.length;
  }

  /** Puts an id in place of the last one; the list must not be empty. */
  public void replaceLast(int id) {
    ids[size - 1] = id;
  }

  public int size() {
    return size;
  }

  /** The ids in [from, to). */
  public int[] copyOfRange(int from, int to) {
    return Arrays.copyOfRange(ids, from, Objects.checkIndex(to, size + 1));
  }

  public void forEach(IntConsumer consumer) {
    for (int i = 0; i < size; i++) {
      consumer.accept(ids[i]);
    }
  }

  public int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}

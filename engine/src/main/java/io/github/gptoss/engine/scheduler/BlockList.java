package io.github.gptoss.engine.scheduler;

/** A doubly linked list of blocks. Lists over the same links hold disjoint blocks. */
final class BlockList {
  /** Previous block in {@code links[2 * block]}, next in {@code links[2 * block + 1]}; -1: none. */
  private final int[] links;

  private int first = -1;
  private int last = -1;
  private int size;

  BlockList(int[] links) {
    this.links = links;
  }

  int size() {
    return size;
  }

  void addLast(int block) {
    links[2 * block] = last;
    links[2 * block + 1] = -1;
    if (last < 0) {
      first = block;
    } else {
      links[2 * last + 1] = block;
    }
    last = block;
    size++;
  }

  int removeFirst() {
    int block = first;
    remove(block);
    return block;
  }

  void remove(int block) {
    int before = links[2 * block];
    int after = links[2 * block + 1];
    if (before < 0) {
      first = after;
    } else {
      links[2 * before + 1] = after;
    }
    if (after < 0) {
      last = before;
    } else {
      links[2 * after] = before;
    }
    size--;
  }
}

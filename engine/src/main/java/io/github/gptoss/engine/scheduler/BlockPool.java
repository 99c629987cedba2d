package io.github.gptoss.engine.scheduler;

import java.util.Arrays;

/**
 * The KV blocks of one group. A block is free, used (by one or more sequences) or cached: used by
 * no sequence, but still holding a published prefix until its memory is needed.
 *
 * <p>Cached blocks go in LRU order, and those that no second sequence ever asked for go first: a
 * long prompt or completion that is used once does not push out the prefix that all rows share. At
 * most half of the blocks enjoy that protection, so that stale prefixes give way.
 */
final class BlockPool {
  private static final byte PRIVATE = 0;
  private static final byte PUBLISHED = 1;
  private static final byte SHARED = 2;

  private final PrefixIndex index;
  private final int group;
  private final int[] references;
  private final byte[] kinds;
  private final PrefixNode[] nodes;
  private final int[] free;
  private int freeCount;
  private final BlockList once;
  private final BlockList shared;

  BlockPool(PrefixIndex index, int group, int blocks) {
    this.index = index;
    this.group = group;
    references = new int[blocks];
    kinds = new byte[blocks];
    nodes = new PrefixNode[blocks];
    free = new int[blocks];
    for (int i = 0; i < blocks; i++) {
      free[i] = blocks - 1 - i;
    }
    freeCount = blocks;
    int[] links = new int[2 * blocks];
    Arrays.fill(links, -1);
    once = new BlockList(links);
    shared = new BlockList(links);
  }

  int size() {
    return references.length;
  }

  /** Blocks that {@link #allocate} can still give: the free and the cached ones. */
  int available() {
    return freeCount + cachedCount();
  }

  int freeCount() {
    return freeCount;
  }

  int cachedCount() {
    return once.size() + shared.size();
  }

  /** Sequences that use the block. */
  int references(int block) {
    return references[block];
  }

  /** The prefix whose keys and values a published block holds, or null. */
  PrefixNode node(int block) {
    return nodes[block];
  }

  /** Takes a block for one sequence to write; the caller has checked {@link #available}. */
  int allocate() {
    int block;
    if (freeCount > 0) {
      block = free[--freeCount];
    } else {
      block = once.size() > 0 ? once.removeFirst() : shared.removeFirst();
      PrefixNode node = nodes[block];
      nodes[block] = null;
      node.blocks[group] = -1;
      index.release(node);
    }
    kinds[block] = PRIVATE;
    references[block] = 1;
    return block;
  }

  /** Lets another sequence read a published block. */
  void share(int block) {
    if (references[block]++ == 0) {
      listOf(block).remove(block);
    }
    kinds[block] = SHARED;
  }

  /** Offers a whole, computed block for sharing, unless its node already has one. */
  void publish(int block, PrefixNode node) {
    if (node.blocks[group] < 0) {
      node.blocks[group] = block;
      node.uses++;
      nodes[block] = node;
      kinds[block] = PUBLISHED;
    }
  }

  void release(int block) {
    if (--references[block] > 0) {
      return;
    }
    if (nodes[block] == null) {
      free[freeCount++] = block;
      return;
    }
    listOf(block).addLast(block);
    if (shared.size() > size() / 2) {
      int demoted = shared.removeFirst();
      kinds[demoted] = PUBLISHED;
      once.addLast(demoted);
    }
  }

  private BlockList listOf(int block) {
    return kinds[block] == SHARED ? shared : once;
  }
}

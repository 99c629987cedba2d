package io.github.gptoss.engine.scheduler;

import java.util.Arrays;

/**
 * Finds the {@link PrefixNode} of a parent, an adapter and a block of tokens. Nodes are told apart
 * by these three; the hash only picks the bucket, so that a collision costs time and nothing else.
 */
class PrefixIndex {
  private final int blockTokens;
  private PrefixNode[] buckets = new PrefixNode[64];
  private int size;

  PrefixIndex(int blockTokens) {
    this.blockTokens = blockTokens;
  }

  int size() {
    return size;
  }

  /** Returns the node of {@code tokens[from, from + blockTokens)} after {@code parent}, or null. */
  PrefixNode find(PrefixNode parent, int adapter, int[] tokens, int from) {
    return find(parent, adapter, tokens, from, hash(parent, adapter, tokens, from));
  }

  /** Like {@link #find}, adding the node if need be; a new node has no uses yet. */
  PrefixNode findOrAdd(PrefixNode parent, int adapter, int[] tokens, int from) {
    long hash = hash(parent, adapter, tokens, from);
    PrefixNode found = find(parent, adapter, tokens, from, hash);
    if (found != null) {
      return found;
    }
    if (size >= buckets.length - buckets.length / 4) {
      grow();
    }
    PrefixNode node =
        new PrefixNode(parent, adapter, Arrays.copyOfRange(tokens, from, from + blockTokens), hash);
    if (parent != null) {
      parent.uses++;
    }
    link(node);
    size++;
    return node;
  }

  /** Ends one use of a node; a node without uses goes, and so may its parents. */
  void release(PrefixNode released) {
    PrefixNode node = released;
    while (node != null && --node.uses == 0) {
      unlink(node);
      size--;
      node = node.parent;
    }
  }

  long hash(PrefixNode parent, int adapter, int[] tokens, int from) {
    long hash = parent == null ? adapter : parent.hash;
    for (int i = from; i < from + blockTokens; i++) {
      hash = (hash ^ tokens[i]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    return hash;
  }

  private PrefixNode find(PrefixNode parent, int adapter, int[] tokens, int from, long hash) {
    for (PrefixNode node = buckets[bucket(hash)]; node != null; node = node.next) {
      if (node.hash == hash
          && node.parent == parent
          && node.adapter == adapter
          && Arrays.equals(node.tokens, 0, blockTokens, tokens, from, from + blockTokens)) {
        return node;
      }
    }
    return null;
  }

  private void grow() {
    PrefixNode[] old = buckets;
    buckets = new PrefixNode[old.length * 2];
    for (PrefixNode first : old) {
      PrefixNode node = first;
      while (node != null) {
        PrefixNode next = node.next;
        link(node);
        node = next;
      }
    }
  }

  private void link(PrefixNode node) {
    int bucket = bucket(node.hash);
    node.next = buckets[bucket];
    buckets[bucket] = node;
  }

  private void unlink(PrefixNode node) {
    int bucket = bucket(node.hash);
    if (buckets[bucket] == node) {
      buckets[bucket] = node.next;
      return;
    }
    PrefixNode before = buckets[bucket];
    while (before.next != node) {
      before = before.next;
    }
    before.next = node.next;
  }

  private int bucket(long hash) {
    return (int) hash & (buckets.length - 1);
  }
}

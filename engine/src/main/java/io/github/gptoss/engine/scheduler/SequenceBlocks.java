package io.github.gptoss.engine.scheduler;

import java.util.Arrays;

/** The KV blocks of one running sequence and the prefix nodes that it holds; empty otherwise. */
final class SequenceBlocks {
  /** Full group: block of position p in {@code full[p / blockTokens]}. */
  int[] full = {};

  int fullCount;

  /**
   * Window group: block of position p in {@code ring[(p / blockTokens) % ring.length]} while p's
   * block index is in [windowStart, windowEnd); other entries are -1.
   */
  int[] ring = {};

  int windowStart;
  int windowEnd;

  /** Node of block i in {@code nodes[i]}. */
  PrefixNode[] nodes = {};

  int nodeCount;

  void addFull(int block) {
    if (fullCount == full.length) {
      full = Arrays.copyOf(full, full.length * 3 / 2 + 8);
    }
    full[fullCount++] = block;
  }

  void addWindow(int block) {
    ring[windowEnd++ % ring.length] = block;
  }

  int window(int blockIndex) {
    return ring[blockIndex % ring.length];
  }

  /** Forgets the oldest window block and returns it. */
  int dropWindow() {
    int entry = windowStart++ % ring.length;
    int block = ring[entry];
    ring[entry] = -1;
    return block;
  }

  void addNode(PrefixNode node) {
    if (nodeCount == nodes.length) {
      nodes = Arrays.copyOf(nodes, nodes.length * 3 / 2 + 8);
    }
    nodes[nodeCount++] = node;
    node.uses++;
  }
}

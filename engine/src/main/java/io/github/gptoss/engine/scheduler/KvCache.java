package io.github.gptoss.engine.scheduler;

import java.util.Arrays;

/**
 * Gives KV blocks to sequences: both groups' pools, and the index through which sequences share the
 * blocks of a common prefix. A shared block is never written: a sequence writes only into blocks
 * that it allocated, at positions that it has not computed before.
 */
final class KvCache {
  private final KvCacheConfig config;
  private final int blockTokens;
  private final int ringBlocks;
  private final int steadyWindowBlocks;
  private final boolean sharing;
  private final boolean hasFull;
  private final boolean hasWindow;
  private final PrefixIndex index;
  private final BlockPool full;
  private final BlockPool window;

  /** Result of the last {@link #match}: the nodes found, and how many blocks of them to share. */
  private PrefixNode[] path = new PrefixNode[16];

  private int pathLength;
  private int hitBlocks;

  KvCache(KvCacheConfig config, int maxChunkTokens, boolean sharing) {
    this.config = config;
    this.sharing = sharing;
    blockTokens = config.blockTokens();
    ringBlocks = config.ringBlocks(maxChunkTokens);
    steadyWindowBlocks = config.steadyWindowBlocks();
    if (config.windowBlocks() < ringBlocks) {
      throw SchedulerErrors.windowSmallerThanRing(config.windowBlocks(), ringBlocks);
    }
    hasFull = config.fullBlocks() > 0;
    hasWindow = config.windowBlocks() > 0;
    index = new PrefixIndex(blockTokens);
    full = new BlockPool(index, PrefixNode.FULL, config.fullBlocks());
    window = new BlockPool(index, PrefixNode.WINDOW, config.windowBlocks());
  }

  KvCacheConfig config() {
    return config;
  }

  int ringBlocks() {
    return ringBlocks;
  }

  BlockPool full() {
    return full;
  }

  BlockPool window() {
    return window;
  }

  PrefixIndex index() {
    return index;
  }

  /** Whether an older running sequence is still to compute a block that this one waits for. */
  boolean isAwaiting(Sequence sequence) {
    return sequence.awaited != null && isPending(sequence.awaited, sequence);
  }

  /**
   * Finds the longest prefix that the sequence can share: all its full blocks are cached, and so
   * are the window blocks that the first token after it looks back on. Logits that are wanted limit
   * it, since only a computed token yields them. False if an older running sequence is about to
   * compute more of it: waiting is cheaper than computing it twice.
   */
  boolean match(Sequence sequence) {
    pathLength = 0;
    hitBlocks = 0;
    sequence.awaited = null;
    if (!sharing) {
      return true;
    }
    int limit = sequence.logitsFrom() / blockTokens;
    PrefixNode parent = null;
    int windowRun = 0;
    while (pathLength < limit) {
      PrefixNode node =
          index.find(parent, sequence.adapter(), sequence.tokens(), pathLength * blockTokens);
      if (node == null) {
        break;
      }
      if (isPending(node, sequence)) {
        sequence.awaited = node;
        return false;
      }
      if (hasFull && node.blocks[PrefixNode.FULL] < 0) {
        break;
      }
      if (pathLength == path.length) {
        path = Arrays.copyOf(path, path.length * 2);
      }
      path[pathLength++] = node;
      windowRun = node.blocks[PrefixNode.WINDOW] < 0 ? 0 : windowRun + 1;
      if (windowRun >= pathLength - firstVisibleBlock(pathLength * blockTokens)) {
        hitBlocks = pathLength;
      }
      parent = node;
    }
    return true;
  }

  /** Whether the blocks that the sequence matched last needs are there, beside those spoken for. */
  boolean fits(Sequence sequence, int spokenForFull, int spokenForWindow) {
    int needFull = 0;
    if (hasFull) {
      needFull = config.blocksFor(sequence.length()) - hitBlocks;
      for (int i = 0; i < hitBlocks; i++) {
        needFull += isCachedOnly(full, path[i].blocks[PrefixNode.FULL]);
      }
    }
    int needWindow = 0;
    if (hasWindow) {
      int firstVisible = firstVisibleBlock(hitBlocks * blockTokens);
      needWindow = steadyWindowNeed(sequence) - (hitBlocks - firstVisible);
      for (int i = firstVisible; i < hitBlocks; i++) {
        needWindow += isCachedOnly(window, path[i].blocks[PrefixNode.WINDOW]);
      }
    }
    return needFull <= (long) full.available() - spokenForFull
        && needWindow <= (long) window.available() - spokenForWindow;
  }

  /** Shares the prefix of the sequence matched last; returns its tokens. */
  int take(Sequence sequence) {
    SequenceBlocks blocks = sequence.blocks;
    if (blocks.ring.length == 0 && hasWindow) {
      blocks.ring = new int[ringBlocks];
      Arrays.fill(blocks.ring, -1);
    }
    int firstVisible = hasWindow ? firstVisibleBlock(hitBlocks * blockTokens) : 0;
    blocks.windowStart = firstVisible;
    blocks.windowEnd = firstVisible;
    for (int i = 0; i < hitBlocks; i++) {
      if (hasFull) {
        full.share(path[i].blocks[PrefixNode.FULL]);
        blocks.addFull(path[i].blocks[PrefixNode.FULL]);
      }
      if (hasWindow && i >= firstVisible) {
        window.share(path[i].blocks[PrefixNode.WINDOW]);
        blocks.addWindow(path[i].blocks[PrefixNode.WINDOW]);
      }
    }
    if (sharing) {
      announce(sequence);
    }
    return hitBlocks * blockTokens;
  }

  /** Blocks of the full group that the known tokens of a running sequence still lack. */
  int missingFull(Sequence sequence) {
    return hasFull ? config.blocksFor(sequence.length()) - sequence.blocks.fullCount : 0;
  }

  /** Blocks of the window group that a running sequence lacks to compute one token a step. */
  int missingWindow(Sequence sequence) {
    int held = sequence.blocks.windowEnd - sequence.blocks.windowStart;
    return Math.max(0, steadyWindowNeed(sequence) - held);
  }

  /**
   * Allocates blocks for up to maxTokens next tokens of a running sequence, leaving spareBlocks a
   * group to others, save one block that is always taken if there is any. Returns how many of the
   * tokens have their blocks now, 0 if memory is short.
   */
  int grow(Sequence sequence, int maxTokens, int spareBlocks) {
    SequenceBlocks blocks = sequence.blocks;
    long roomEnd = Long.MAX_VALUE;
    if (hasFull) {
      roomEnd = ((long) blocks.fullCount + usable(full, spareBlocks)) * blockTokens;
    }
    if (hasWindow) {
      long windowEnd = ((long) blocks.windowEnd + usable(window, spareBlocks)) * blockTokens;
      roomEnd = Math.min(roomEnd, windowEnd);
    }
    int granted = (int) Math.min(maxTokens, roomEnd - sequence.computed);
    int blockEnd = config.blocksFor(sequence.computed + granted);
    if (hasFull) {
      while (blocks.fullCount < blockEnd) {
        blocks.addFull(full.allocate());
      }
    }
    if (hasWindow) {
      while (blocks.windowEnd < blockEnd) {
        blocks.addWindow(window.allocate());
      }
    }
    return granted;
  }

  /** Publishes blocks that so many tokens made whole; releases those that no later query sees. */
  void commit(Sequence sequence, int count) {
    SequenceBlocks blocks = sequence.blocks;
    int computed = sequence.computed + count;
    if (sharing) {
      for (int i = sequence.computed / blockTokens; i < computed / blockTokens; i++) {
        publish(sequence, i);
      }
    }
    if (hasWindow) {
      int firstVisible = firstVisibleBlock(computed);
      while (blocks.windowStart < firstVisible) {
        window.release(blocks.dropWindow());
      }
    }
  }

  /** Takes all blocks from a sequence. */
  void release(Sequence sequence) {
    SequenceBlocks blocks = sequence.blocks;
    // The tail goes first, so that it is evicted before the head, which more sequences may share.
    while (blocks.fullCount > 0) {
      full.release(blocks.full[--blocks.fullCount]);
    }
    while (blocks.windowEnd > blocks.windowStart) {
      int last = --blocks.windowEnd;
      window.release(blocks.window(last));
      blocks.ring[last % ringBlocks] = -1;
    }
    while (blocks.nodeCount > 0) {
      PrefixNode node = blocks.nodes[--blocks.nodeCount];
      blocks.nodes[blocks.nodeCount] = null;
      if (node.producer == sequence) {
        node.producer = null;
      }
      index.release(node);
    }
  }

  /** Holds the nodes of all whole known blocks and claims those that this sequence will compute. */
  private void announce(Sequence sequence) {
    SequenceBlocks blocks = sequence.blocks;
    PrefixNode node = null;
    for (int i = 0; i < sequence.knownLength() / blockTokens; i++) {
      node = i < pathLength ? path[i] : nodeAfter(node, sequence, i);
      blocks.addNode(node);
      if (i >= hitBlocks
          && isIncomplete(node)
          && (node.producer == null || node.producer.arrival > sequence.arrival)) {
        node.producer = sequence;
      }
    }
  }

  private void publish(Sequence sequence, int blockIndex) {
    SequenceBlocks blocks = sequence.blocks;
    if (blockIndex == blocks.nodeCount) {
      PrefixNode parent = blockIndex == 0 ? null : blocks.nodes[blockIndex - 1];
      blocks.addNode(nodeAfter(parent, sequence, blockIndex));
    }
    PrefixNode node = blocks.nodes[blockIndex];
    if (node.producer == sequence) {
      node.producer = null;
    }
    if (hasFull) {
      full.publish(blocks.full[blockIndex], node);
    }
    if (hasWindow) {
      window.publish(blocks.window(blockIndex), node);
    }
  }

  private boolean isIncomplete(PrefixNode node) {
    return (hasFull && node.blocks[PrefixNode.FULL] < 0)
        || (hasWindow && node.blocks[PrefixNode.WINDOW] < 0);
  }

  private PrefixNode nodeAfter(PrefixNode parent, Sequence sequence, int blockIndex) {
    return index.findOrAdd(parent, sequence.adapter(), sequence.tokens(), blockIndex * blockTokens);
  }

  /** Only older sequences are waited for: no two wait for each other, and the oldest for none. */
  private static boolean isPending(PrefixNode node, Sequence sequence) {
    return node.producer != null && node.producer.arrival < sequence.arrival;
  }

  /**
   * First block that the query at {@code position} and later ones see, if the window group exists.
   * A model without window layers sees no window block, which any cached prefix satisfies.
   */
  private int firstVisibleBlock(int position) {
    return hasWindow
        ? Math.max(0, position - config.windowTokens() + 1) / blockTokens
        : (position + blockTokens - 1) / blockTokens;
  }

  private int steadyWindowNeed(Sequence sequence) {
    return Math.min(steadyWindowBlocks, config.blocksFor(sequence.maxLength()));
  }

  private static int isCachedOnly(BlockPool pool, int block) {
    return pool.references(block) == 0 ? 1 : 0;
  }

  private static int usable(BlockPool pool, int spareBlocks) {
    return Math.min(pool.available(), Math.max(1, pool.available() - spareBlocks));
  }
}

package io.github.gptoss.engine.scheduler;

/**
 * One block of tokens after one exact history: the path from the root spells every token up to the
 * block's end, so two sequences meet in a node only if all those tokens are equal, and the adapter
 * that they are computed with.
 */
final class PrefixNode {
  static final int FULL = 0;
  static final int WINDOW = 1;

  /** Null for the first block of a sequence. */
  final PrefixNode parent;

  /** Of all sequences that have this node; see {@link Sequence#adapter}. */
  final int adapter;

  /** The block's tokens, [blockTokens]. */
  final int[] tokens;

  final long hash;

  /** The KV block of each group that holds these tokens, or -1: [FULL, WINDOW]. */
  final int[] blocks = {-1, -1};

  /** The running sequence that is going to compute this block, or null. */
  Sequence producer;

  /** Children, KV blocks and sequences that need this node. */
  int uses;

  /** Next node in the same bucket. */
  PrefixNode next;

  PrefixNode(PrefixNode parent, int adapter, int[] tokens, long hash) {
    this.parent = parent;
    this.adapter = adapter;
    this.tokens = tokens;
    this.hash = hash;
  }
}

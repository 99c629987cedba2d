package io.github.gptoss.engine.scheduler;

import java.util.Arrays;

/**
 * What one step computes, in flat int arrays: T tokens of S sequences, R of which yield logits. The
 * rows of a sequence are consecutive and their positions ascend; sequences come in a fixed order
 * that depends only on what was offered when.
 *
 * <p>The batch and its arrays belong to the scheduler, are longer than their valid part, and are
 * overwritten by the next {@link Scheduler#schedule}.
 */
public final class ScheduledBatch {
  private final int blockTokens;
  private final int ringBlocks;

  private int tokenCount;
  private int[] tokens = new int[64];
  private int[] positions = new int[64];
  private int[] tokenSequences = new int[64];

  private int sequenceCount;
  private Sequence[] sequences = new Sequence[16];
  private int[] starts = new int[17];
  private int[] adapters = new int[16];

  private int[] fullStarts = new int[17];
  private int[] fullBlocks = new int[64];
  private int[] windowBlocks = new int[64];

  private int logitsCount;
  private int[] logitsRows = new int[16];
  private int[] logitsSequences = new int[16];

  ScheduledBatch(int blockTokens, int ringBlocks) {
    this.blockTokens = blockTokens;
    this.ringBlocks = ringBlocks;
  }

  public boolean isEmpty() {
    return tokenCount == 0;
  }

  /** T. */
  public int tokenCount() {
    return tokenCount;
  }

  /** Token ids, [T]. */
  public int[] tokens() {
    return tokens;
  }

  /** Positions in their sequences, [T], from 0. */
  public int[] positions() {
    return positions;
  }

  /** Index in this step of each token's sequence, [T], in [0, S). */
  public int[] tokenSequences() {
    return tokenSequences;
  }

  /** S. */
  public int sequenceCount() {
    return sequenceCount;
  }

  public Sequence sequence(int index) {
    if (index >= sequenceCount) {
      throw new IndexOutOfBoundsException(index);
    }
    return sequences[index];
  }

  /** First token row of each sequence, [S + 1]: sequence s has rows [starts[s], starts[s + 1]). */
  public int[] starts() {
    return starts;
  }

  /** Adapter of each sequence, [S]; 0 for none. */
  public int[] adapters() {
    return adapters;
  }

  /** Tokens a block, in both groups. */
  public int blockTokens() {
    return blockTokens;
  }

  /** First entry of each sequence in {@link #fullBlocks}, [S + 1]. */
  public int[] fullStarts() {
    return fullStarts;
  }

  /** As in {@code backend.Step}; empty if the model has no full-attention layer. */
  public int[] fullBlocks() {
    return fullBlocks;
  }

  /** Entries a sequence in {@link #windowBlocks}; 0 if the model has no sliding-window layer. */
  public int ringBlocks() {
    return ringBlocks;
  }

  /**
   * As in {@code backend.Step}, valid for the step's own positions and the window before the first
   * of them; entries that serve no such position are -1.
   */
  public int[] windowBlocks() {
    return windowBlocks;
  }

  /** R. */
  public int logitsCount() {
    return logitsCount;
  }

  /** Token rows that yield logits, [R], ascending. */
  public int[] logitsRows() {
    return logitsRows;
  }

  /** Index in this step of the sequence that each logits row belongs to, [R]. */
  public int[] logitsSequences() {
    return logitsSequences;
  }

  void clear() {
    Arrays.fill(sequences, 0, sequenceCount, null);
    tokenCount = 0;
    sequenceCount = 0;
    logitsCount = 0;
  }

  /** Adds the next {@code count} tokens of a sequence, whose blocks are there. */
  void add(Sequence sequence, int count) {
    int s = sequenceCount++;
    if (s == sequences.length) {
      sequences = Arrays.copyOf(sequences, 2 * s);
    }
    sequences[s] = sequence;
    adapters = ensure(adapters, s + 1);
    adapters[s] = sequence.adapter();
    addTokens(s, sequence, count);
    addBlocks(s, sequence.blocks);
    for (int p = Math.max(sequence.computed, sequence.logitsFrom());
        p < sequence.computed + count;
        p++) {
      addLogits(s, starts[s] + p - sequence.computed);
    }
  }

  private void addTokens(int s, Sequence sequence, int count) {
    int end = tokenCount + count;
    tokens = ensure(tokens, end);
    positions = ensure(positions, end);
    tokenSequences = ensure(tokenSequences, end);
    System.arraycopy(sequence.tokens(), sequence.computed, tokens, tokenCount, count);
    for (int i = 0; i < count; i++) {
      positions[tokenCount + i] = sequence.computed + i;
    }
    Arrays.fill(tokenSequences, tokenCount, end, s);
    starts = ensure(starts, s + 2);
    starts[s + 1] = end;
    tokenCount = end;
  }

  private void addBlocks(int s, SequenceBlocks blocks) {
    fullStarts = ensure(fullStarts, s + 2);
    int from = fullStarts[s];
    fullStarts[s + 1] = from + blocks.fullCount;
    fullBlocks = ensure(fullBlocks, from + blocks.fullCount);
    System.arraycopy(blocks.full, 0, fullBlocks, from, blocks.fullCount);
    windowBlocks = ensure(windowBlocks, (s + 1) * ringBlocks);
    System.arraycopy(blocks.ring, 0, windowBlocks, s * ringBlocks, ringBlocks);
  }

  private void addLogits(int s, int row) {
    logitsRows = ensure(logitsRows, logitsCount + 1);
    logitsSequences = ensure(logitsSequences, logitsCount + 1);
    logitsRows[logitsCount] = row;
    logitsSequences[logitsCount++] = s;
  }

  private static int[] ensure(int[] array, int length) {
    return length <= array.length
        ? array
        : Arrays.copyOf(array, Math.max(length, array.length * 2));
  }
}

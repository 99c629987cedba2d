package io.github.gptoss.engine.backend;

/**
 * What one step computes: T tokens of S sequences, R of which yield logits. Arrays may be longer
 * than their valid part and are only read while the step is computed.
 *
 * @param tokens T
 * @param tokenIds [T]; {@code -1 - r} stands for the token that was sampled for logits row r of the
 *     step before, where {@link Operations#stepsAhead} is 1
 * @param positions [T]; the rows of a sequence are consecutive and their positions ascend by one
 * @param sequences S
 * @param starts [S + 1], sequence s has rows [starts[s], starts[s + 1])
 * @param blockTokens tokens a KV block
 * @param fullStarts [S + 1], first entry of a sequence's table in fullBlocks
 * @param fullBlocks position p of sequence s lies in block fullBlocks[fullStarts[s] + p /
 *     blockTokens] at slot p % blockTokens
 * @param ringBlocks entries a sequence in windowBlocks
 * @param windowBlocks [S, ringBlocks], position p lies in block windowBlocks[s * ringBlocks + (p /
 *     blockTokens) % ringBlocks]
 * @param logitsCount R
 * @param logitsRows [R], token rows that yield logits, ascending
 * @param adapters [S], 0 where a sequence has no adapter, else 1 + its place among the loaded ones
 */
public record Step(
    int tokens,
    int[] tokenIds,
    int[] positions,
    int sequences,
    int[] starts,
    int blockTokens,
    int[] fullStarts,
    int[] fullBlocks,
    int ringBlocks,
    int[] windowBlocks,
    int logitsCount,
    int[] logitsRows,
    int[] adapters) {

  /** A step whose sequences have no adapters. */
  public Step(
      int tokens,
      int[] tokenIds,
      int[] positions,
      int sequences,
      int[] starts,
      int blockTokens,
      int[] fullStarts,
      int[] fullBlocks,
      int ringBlocks,
      int[] windowBlocks,
      int logitsCount,
      int[] logitsRows) {
    this(
        tokens,
        tokenIds,
        positions,
        sequences,
        starts,
        blockTokens,
        fullStarts,
        fullBlocks,
        ringBlocks,
        windowBlocks,
        logitsCount,
        logitsRows,
        new int[sequences]);
  }

  /** The block that holds a position of a sequence in layers of one kind. */
  public int block(int sequence, int position, boolean window) {
    int index = position / blockTokens;
    return window
        ? windowBlocks[sequence * ringBlocks + index % ringBlocks]
        : fullBlocks[fullStarts[sequence] + index];
  }
}

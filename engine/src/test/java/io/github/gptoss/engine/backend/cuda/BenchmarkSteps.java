package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.Step;
import java.util.Arrays;
import java.util.Random;

/**
 * Steps over sequences of one length: whole prompts several at a time, then a token of each. Window
 * layers keep a few blocks of each sequence; what of a prompt is older goes to blocks that are
 * overwritten by the next.
 *
 * @param sequences in flight at most
 * @param promptTokens of each
 * @param outputTokens of each, at most
 * @param maxTokens of a step, at least {@code promptTokens}
 * @param windowTokens keys that a query of a window layer sees
 * @param vocabSize token ids are below
 */
record BenchmarkSteps(
    int sequences,
    int promptTokens,
    int outputTokens,
    int maxTokens,
    int windowTokens,
    int vocabSize) {
  static final int BLOCK_TOKENS = 32;

  BenchmarkSteps {
    if (maxTokens < promptTokens) {
      throw new IllegalArgumentException(
          "a step of " + maxTokens + " tokens holds no prompt of " + promptTokens);
    }
  }

  /** Prompts that one step computes. */
  int promptsEach() {
    return Math.min(sequences, maxTokens / promptTokens);
  }

  private int fullBlocksEach() {
    return Fragments.up(promptTokens + outputTokens, BLOCK_TOKENS);
  }

  private int promptBlocks() {
    return Fragments.up(promptTokens, BLOCK_TOKENS);
  }

  /** Blocks that hold the window of any position. */
  private int windowBlocksEach() {
    return (windowTokens + BLOCK_TOKENS - 2) / BLOCK_TOKENS + 1;
  }

  Capacity capacity() {
    return new Capacity(
        Math.max(maxTokens, sequences),
        BLOCK_TOKENS,
        sequences * fullBlocksEach(),
        sequences * windowBlocksEach() + promptsEach() * promptBlocks());
  }

  /** The prompts of sequences [from, from + count), whose last tokens yield logits. */
  Step prompts(int from, int count) {
    Random random = new Random(from);
    int tokens = count * promptTokens;
    int[] positions = new int[tokens];
    Arrays.setAll(positions, t -> t % promptTokens);
    int[] starts = new int[count + 1];
    Arrays.setAll(starts, s -> s * promptTokens);
    int blocks = promptBlocks();
    int own = windowBlocksEach();
    int[] window = new int[count * blocks];
    for (int s = 0; s < count; s++) {
      for (int b = 0; b < blocks; b++) {
        window[s * blocks + b] =
            b + own >= blocks
                ? (from + s) * own + b % own
                : sequences * own + s * blocks + b; // read by this step alone
      }
    }
    int[] logitsRows = new int[count];
    Arrays.setAll(logitsRows, s -> (s + 1) * promptTokens - 1);
    return new Step(
        tokens,
        random.ints(tokens, 0, vocabSize).toArray(),
        positions,
        count,
        starts,
        BLOCK_TOKENS,
        fullStarts(count),
        fullBlocks(from, count),
        blocks,
        window,
        count,
        logitsRows);
  }

  /**
   * One token of each of the first {@code count} sequences.
   *
   * @param followed whether the tokens are those that were chosen in the step before, which was
   *     this one's like; else they are random
   */
  Step decode(int count, int position, boolean followed) {
    Random random = new Random(position);
    int[] ids = new int[count];
    Arrays.setAll(ids, s -> followed ? -1 - s : random.nextInt(vocabSize));
    int[] positions = new int[count];
    Arrays.fill(positions, position);
    int[] rows = new int[count + 1];
    Arrays.setAll(rows, s -> s);
    int own = windowBlocksEach();
    int[] window = new int[count * own];
    Arrays.setAll(window, b -> b);
    return new Step(
        count,
        ids,
        positions,
        count,
        rows,
        BLOCK_TOKENS,
        fullStarts(count),
        fullBlocks(0, count),
        own,
        window,
        count,
        rows);
  }

  /** A step of sequences from {@code first} on, who take turns in so many adapters and in none. */
  static Step withAdapters(Step step, int first, int adapters) {
    int[] of = new int[step.sequences()];
    Arrays.setAll(of, s -> (first + s) % (adapters + 1));
    return new Step(
        step.tokens(),
        step.tokenIds(),
        step.positions(),
        step.sequences(),
        step.starts(),
        step.blockTokens(),
        step.fullStarts(),
        step.fullBlocks(),
        step.ringBlocks(),
        step.windowBlocks(),
        step.logitsCount(),
        step.logitsRows(),
        of);
  }

  private int[] fullStarts(int count) {
    int[] starts = new int[count + 1];
    Arrays.setAll(starts, s -> s * fullBlocksEach());
    return starts;
  }

  private int[] fullBlocks(int from, int count) {
    int[] blocks = new int[count * fullBlocksEach()];
    Arrays.setAll(blocks, b -> from * fullBlocksEach() + b);
    return blocks;
  }
}

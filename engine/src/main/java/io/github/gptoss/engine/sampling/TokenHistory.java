package io.github.gptoss.engine.sampling;

import java.util.Arrays;

/**
 * Which tokens a sequence's prompt has, and how often its output has each: what the penalties look
 * at. Appending is O(1); walking over it is O(distinct tokens). Not safe for threads.
 */
public final class TokenHistory {
  private static final int MIN_DISTINCT = 16;
  private static final int EMPTY = 0;

  private final int vocabSize;

  /** Open addressing, linear probing, at most half full: index into {@code ids} plus one. */
  private int[] slots = new int[4 * MIN_DISTINCT];

  private int[] ids = new int[MIN_DISTINCT];
  private int[] outputCounts = new int[MIN_DISTINCT];
  private int distinct;

  /** An empty history; tokens are below the vocabulary's size. */
  public TokenHistory(int vocabSize) {
    this.vocabSize = vocabSize;
  }

  /** Adds tokens of the prompt; {@code invalid_token} for one outside the vocabulary. */
  public void addPrompt(int[] tokens) {
    for (int token : tokens) {
      index(token);
    }
  }

  /** Adds one generated token; {@code invalid_token} if it is outside the vocabulary. */
  public void addOutput(int token) {
    int index = index(token);
    outputCounts[index]++;
  }

  int vocabSize() {
    return vocabSize;
  }

  /** The number of different tokens in prompt and output. */
  public int distinct() {
    return distinct;
  }

  /** The i-th different token, in order of first appearance. */
  public int id(int i) {
    return ids[i];
  }

  /** How often the output has the i-th different token; 0 where only the prompt has it. */
  public int outputCount(int i) {
    return outputCounts[i];
  }

  private int index(int token) {
    if (token < 0 || token >= vocabSize) {
      throw SamplingErrors.tokenOutsideVocabulary(token, vocabSize);
    }
    int slot = slotOf(token);
    if (slots[slot] == EMPTY) {
      if (distinct == ids.length) {
        grow();
        slot = slotOf(token);
      }
      ids[distinct] = token;
      slots[slot] = ++distinct;
    }
    return slots[slot] - 1;
  }

  private int slotOf(int token) {
    int mask = slots.length - 1;
    int slot = (token * 0x9E3779B9) >>> 7 & mask;
    while (slots[slot] != EMPTY && ids[slots[slot] - 1] != token) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    ids = Arrays.copyOf(ids, 2 * ids.length);
    outputCounts = Arrays.copyOf(outputCounts, ids.length);
    slots = new int[4 * ids.length];
    for (int i = 0; i < distinct; i++) {
      slots[slotOf(ids[i])] = i + 1;
    }
  }
}

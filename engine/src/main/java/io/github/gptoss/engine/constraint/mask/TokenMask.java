package io.github.gptoss.engine.constraint.mask;

import java.util.Arrays;

/** A set of ordinary tokens, a bit each. Not changed once it is handed on. */
public final class TokenMask {
  private static final int WORDS = (TokenTrie.TOKENS + 63) / 64;

  private final long[] words;

  TokenMask() {
    words = new long[WORDS];
  }

  void add(int token) {
    words[token >>> 6] |= 1L << token;
  }

  void addAll(TokenMask other) {
    for (int i = 0; i < WORDS; i++) {
      words[i] |= other.words[i];
    }
  }

  /** Whether a token is in the set. */
  public boolean contains(int token) {
    return token < TokenTrie.TOKENS && (words[token >>> 6] >>> token & 1) == 1;
  }

  /** How many tokens are in the set. */
  public int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The tokens in ascending order. */
  public int[] toArray() {
    int[] tokens = new int[count()];
    int size = 0;
    for (int i = 0; i < WORDS; i++) {
      for (long word = words[i]; word != 0; word &= word - 1) {
        tokens[size++] = i * 64 + Long.numberOfTrailingZeros(word);
      }
    }
    return tokens;
  }

  /** Bytes of memory that a set takes. */
  public static int bytes() {
    return WORDS * Long.BYTES;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenMask mask && Arrays.equals(words, mask.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }
}

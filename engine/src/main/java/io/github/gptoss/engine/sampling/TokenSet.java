package io.github.gptoss.engine.sampling;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A set of token ids below a bound, a bit each. The code that makes a set may add to it; once it is
 * handed on it is not changed.
 */
public final class TokenSet {
  private final long[] words;

  /** An empty set of ids below {@code bound}. */
  public TokenSet(int bound) {
    words = new long[(bound + 63) / 64];
  }

  private TokenSet(long[] words) {
    this.words = words;
  }

  /** A set of the same ids, to which more can be added. */
  public TokenSet copy() {
    return new TokenSet(words.clone());
  }

  public void add(int token) {
    words[token >>> 6] |= 1L << token;
  }

  /** Adds the ids from {@code from} to {@code to}, the latter not included. */
  public void addRange(int from, int to) {
    for (int token = from; token < to; token++) {
      add(token);
    }
  }

  public void addAll(TokenSet other) {
    for (int i = 0; i < words.length; i++) {
      words[i] |= other.words[i];
    }
  }

  /** Whether an id is in the set; ids beyond the bound are not. */
  public boolean contains(int token) {
    return token >>> 6 < words.length && (words[token >>> 6] >>> token & 1) == 1;
  }

  /** Whether ids 64 * block to 64 * block + 63 are in the set, a bit each. */
  long block(int block) {
    return block < words.length ? words[block] : 0;
  }

  /** How many ids are in the set. */
  public int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The ids in ascending order. */
  public int[] toArray() {
    int[] tokens = new int[count()];
    int size = 0;
    for (int i = 0; i < words.length; i++) {
      for (long word = words[i]; word != 0; word &= word - 1) {
        tokens[size++] = i * 64 + Long.numberOfTrailingZeros(word);
      }
    }
    return tokens;
  }

  /**
   * Writes the bits of ids 0, 1, 2... from the lowest bit of each byte on; {@link #bytes} bytes.
   */
  public void writeTo(ByteBuffer out) {
    ByteOrder order = out.order();
    out.order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      out.putLong(word);
    }
    out.order(order);
  }

  /** Bytes of memory that the set takes. */
  public int bytes() {
    return words.length * Long.BYTES;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenSet set && Arrays.equals(words, set.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }
}

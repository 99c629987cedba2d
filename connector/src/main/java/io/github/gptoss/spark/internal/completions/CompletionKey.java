package io.github.gptoss.spark.internal.completions;

import java.nio.ByteBuffer;

/**
 * What a completion depends on, as a SHA-256: the model, the prompt's token ids, and every
 * parameter that changes which tokens follow. Rows of equal keys have equal completions. The four
 * words are the hash's bytes, big-endian.
 */
public record CompletionKey(long word0, long word1, long word2, long word3) {
  public static final int BYTES = 32;

  /** Reads {@value #BYTES} bytes. */
  public static CompletionKey read(ByteBuffer from) {
    return new CompletionKey(from.getLong(), from.getLong(), from.getLong(), from.getLong());
  }

  /** Writes {@value #BYTES} bytes. */
  public void write(ByteBuffer to) {
    to.putLong(word0).putLong(word1).putLong(word2).putLong(word3);
  }

  /** The hash in hexadecimal. */
  @Override
  public String toString() {
    return "%016x%016x%016x%016x".formatted(word0, word1, word2, word3);
  }
}

package io.github.gptoss.engine.tokenizer;

/**
 * Decodes UTF-8 that arrives in parts, holding back a sequence that is not complete. Malformed
 * input becomes U+FFFD, one for each maximal part of a sequence (Unicode 16.0, section 3.9, table
 * 3-8), as Python's {@code errors="replace"} and Rust's {@code from_utf8_lossy} do. Not
 * thread-safe.
 */
public final class Utf8Decoder {
  private static final char REPLACEMENT = '\ufffd';

  private int codePoint;
  private int missing; // continuation bytes still to come
  private int low; // bounds of the next continuation byte
  private int high;

  /** Decodes {@code source[from, to)} and appends every complete character. */
  public void push(byte[] source, int from, int to, StringBuilder out) {
    for (int i = from; i < to; i++) {
      push(source[i] & 0xff, out);
    }
  }

  /** Whether a character has begun and is not complete. */
  public boolean isPending() {
    return missing > 0;
  }

  /** Ends the input: an incomplete character becomes U+FFFD. The decoder can be used again. */
  public void finish(StringBuilder out) {
    if (missing > 0) {
      out.append(REPLACEMENT);
      missing = 0;
    }
  }

  /** Ends the input, leaving out an incomplete character. The decoder can be used again. */
  public void discard() {
    missing = 0;
  }

  private void push(int b, StringBuilder out) {
    if (missing > 0 && (b < low || b > high)) {
      finish(out);
    }
    if (missing == 0) {
      begin(b, out);
      return;
    }
    codePoint = codePoint << 6 | (b & 0x3f);
    low = 0x80;
    high = 0xbf;
    missing--;
    if (missing == 0) {
      out.appendCodePoint(codePoint);
    }
  }

  private void begin(int b, StringBuilder out) {
    low = 0x80;
    high = 0xbf;
    if (b < 0x80) {
      out.append((char) b);
    } else if (b >= 0xc2 && b <= 0xdf) {
      missing = 1;
      codePoint = b & 0x1f;
    } else if (b >= 0xe0 && b <= 0xef) {
      missing = 2;
      codePoint = b & 0x0f;
      low = b == 0xe0 ? 0xa0 : low; // no overlong forms
      high = b == 0xed ? 0x9f : high; // no surrogates
    } else if (b >= 0xf0 && b <= 0xf4) {
      missing = 3;
      codePoint = b & 0x07;
      low = b == 0xf0 ? 0x90 : low;
      high = b == 0xf4 ? 0x8f : high; // nothing past U+10FFFF
    } else {
      out.append(REPLACEMENT);
    }
  }
}

package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Which part of a text is left out where all of it is too long. */
public enum TextCut {
  START,
  MIDDLE,
  END;

  /** Stands where the text was cut. */
  public static final String MARK = "\n[...]\n";

  private static final int MARK_TOKENS = Tokenizer.o200kHarmony().encode(MARK).length;

  /**
   * A text without so many of its tokens, and without those whose place the mark takes. Characters
   * stay whole. What is left may be a few tokens longer or shorter than that when it is read again.
   */
  public String without(String text, int tokens) {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    int[] ids = tokenizer.encode(text);
    int kept = Math.max(0, ids.length - tokens - MARK_TOKENS);
    int head = this == START ? 0 : this == END ? kept : (kept + 1) / 2;
    byte[] first = tokenizer.decodeToBytes(Arrays.copyOf(ids, head));
    byte[] last =
        tokenizer.decodeToBytes(Arrays.copyOfRange(ids, ids.length - (kept - head), ids.length));
    return wholeUpTo(first) + MARK + wholeFrom(last);
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  /** The text of these bytes without a character at the end that is not complete. */
  private static String wholeUpTo(byte[] utf8) {
    int begin = utf8.length;
    while (begin > 0 && isContinuation(utf8[begin - 1])) {
      begin--;
    }
    int lead = begin == 0 ? 0 : utf8[begin - 1] & 0xFF;
    int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    boolean isWhole = begin == 0 || utf8.length - begin + 1 == length;
    return new String(utf8, 0, isWhole ? utf8.length : begin - 1, StandardCharsets.UTF_8);
  }

  /** The text of these bytes without a character at the beginning that is not complete. */
  private static String wholeFrom(byte[] utf8) {
    int begin = 0;
    while (begin < utf8.length && isContinuation(utf8[begin])) {
      begin++;
    }
    return new String(utf8, begin, utf8.length - begin, StandardCharsets.UTF_8);
  }
}

package io.github.gptoss.spark.internal.tools;

/** Texts of a bounded length. */
final class Texts {
  private static final String MARK = "...";

  private Texts() {}

  /** At most so many characters, and a mark where some were left out; no character is split. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end) + MARK;
  }
}

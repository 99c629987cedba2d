package io.github.gptoss.spark.internal.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Texts as the words that are searched for: runs of letters and digits, in lower case. */
final class Words {
  private Words() {}

  /** In their order; ideographs, between which nothing is written, are a word each. */
  static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    String lower = text.toLowerCase(Locale.ROOT);
    int start = -1;
    for (int i = 0; i < lower.length(); ) {
      int c = lower.codePointAt(i);
      boolean isIdeograph = Character.isIdeographic(c);
      boolean isInWord = Character.isLetterOrDigit(c) && !isIdeograph;
      if (!isInWord && start >= 0) {
        words.add(lower.substring(start, i));
        start = -1;
      } else if (isInWord && start < 0) {
        start = i;
      }
      if (isIdeograph) {
        words.add(Character.toString(c));
      }
      i += Character.charCount(c);
    }
    if (start >= 0) {
      words.add(lower.substring(start));
    }
    return words;
  }
}

package io.github.gptoss.spark.internal.grading;

import java.util.ArrayList;
import java.util.List;

/** The groups that TeX boxes: {@code \boxed{...}} and {@code \framebox{...}}. */
final class Boxed {
  private static final List<String> OPENINGS = List.of("boxed{", "framebox{");

  private Boxed() {}

  /**
   * What stands in the boxes of a text, in order, each up to its first closing brace. Boxes without
   * one are none.
   */
  static List<String> groups(String text) {
    List<String> groups = new ArrayList<>();
    int[] next = new int[OPENINGS.size()];
    int at = 0;
    while (true) {
      int first = -1;
      for (int i = 0; i < next.length; i++) {
        // Each opening is looked for again only when it is passed.
        if (next[i] >= 0 && next[i] < at || at == 0) {
          next[i] = text.indexOf(OPENINGS.get(i), at);
        }
        if (next[i] >= 0 && (first < 0 || next[i] < next[first])) {
          first = i;
        }
      }
      if (first < 0) {
        return groups;
      }
      int from = next[first] + OPENINGS.get(first).length();
      int to = text.indexOf('}', from);
      if (to < 0) {
        return groups;
      }
      groups.add(text.substring(from, to));
      at = to + 1;
    }
  }

  /** The last group that is not empty; null where there is none. */
  static String last(String text) {
    List<String> groups = groups(text);
    for (int i = groups.size() - 1; i >= 0; i--) {
      if (!groups.get(i).isEmpty()) {
        return groups.get(i);
      }
    }
    return null;
  }
}

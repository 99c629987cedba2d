package io.github.gptoss.spark.internal.tools;

import java.util.ArrayList;
import java.util.List;

/**
 * What the browser shows at one place of a row's history: a page, results of a search, or of a find
 * within a page.
 *
 * @param lines of at most {@value #WIDTH} characters, unless a word is longer
 * @param links urls, by the number that the lines show
 * @param linkLines the line of each link's page that the link is about; null where links are about
 *     whole pages
 * @param source the view that a find was made in, which its links lead back to; null for others
 */
record PageView(
    String url,
    String title,
    List<String> lines,
    List<String> links,
    List<Integer> linkLines,
    PageView source) {
  static final int WIDTH = 80;

  /** A view of a text, of which lines that are too long are broken. */
  static PageView of(
      String url,
      String title,
      String text,
      List<String> links,
      List<Integer> linkLines,
      PageView source) {
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      breakUp(line, lines);
    }
    return new PageView(url, title, lines, links, linkLines, source);
  }

  boolean isOfFind() {
    return source != null;
  }

  /** Breaks a line between words; all of its characters stay. */
  private static void breakUp(String line, List<String> lines) {
    int start = 0;
    while (line.length() - start > WIDTH) {
      int end = start + WIDTH;
      int cut = end;
      while (cut > start && !isBetweenWords(line, cut)) {
        cut--;
      }
      if (cut == start) {
        cut = Character.isLowSurrogate(line.charAt(end)) ? end - 1 : end;
      }
      lines.add(line.substring(start, cut));
      start = cut;
    }
    lines.add(line.substring(start));
  }

  /** White space stays with the line before. */
  private static boolean isBetweenWords(String line, int at) {
    return Character.isWhitespace(line.charAt(at - 1)) && !Character.isWhitespace(line.charAt(at));
  }

  /** Lines from one on with their numbers, {@code L0: ...}. */
  String numbered(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : "\n").append('L').append(i).append(": ").append(lines.get(i));
    }
    return text.toString();
  }
}

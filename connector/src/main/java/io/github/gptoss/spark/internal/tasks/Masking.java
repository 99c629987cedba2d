package io.github.gptoss.spark.internal.tasks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Replaces named parts of a text. Every occurrence of a named part is replaced, in words too, since
 * what is masked must not stay elsewhere. Occurrences that overlap or hold each other are replaced
 * as one, by the label of the one that begins first, of several the longest, of equal ones the one
 * that is named first. Everything else stays, byte for byte.
 */
final class Masking {
  private Masking() {}

  /**
   * A part that is to be replaced wherever it occurs.
   *
   * @param label what takes its place, in brackets
   */
  record Span(UTF8String label, UTF8String text) {}

  private record Occurrence(int start, int end, int span) {}

  /** The text with the spans replaced; spans that are empty or do not occur change nothing. */
  static UTF8String mask(UTF8String content, List<Span> spans) {
    // One char is one byte, so that String's search does the work and nothing is decoded.
    String text = bytes(content);
    List<Occurrence> occurrences = occurrences(text, spans);
    if (occurrences.isEmpty()) {
      return content;
    }
    StringBuilder masked = new StringBuilder();
    int copied = 0;
    for (int i = 0; i < occurrences.size(); ) {
      Occurrence first = occurrences.get(i);
      int end = first.end;
      do {
        end = Math.max(end, occurrences.get(i).end);
        i++;
      } while (i < occurrences.size() && occurrences.get(i).start < end);
      masked
          .append(text, copied, first.start)
          .append('[')
          .append(bytes(spans.get(first.span).label))
          .append(']');
      copied = end;
    }
    masked.append(text, copied, text.length());
    return UTF8String.fromBytes(masked.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private static List<Occurrence> occurrences(String text, List<Span> spans) {
    List<Occurrence> occurrences = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int span = 0; span < spans.size(); span++) {
      String part = bytes(spans.get(span).text);
      if (!part.isEmpty() && seen.add(part)) {
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
          occurrences.add(new Occurrence(at, at + part.length(), span));
        }
      }
    }
    occurrences.sort(
        Comparator.comparingInt(Occurrence::start)
            .thenComparing(Comparator.comparingInt(Occurrence::end).reversed())
            .thenComparingInt(Occurrence::span));
    return occurrences;
  }

  private static String bytes(UTF8String text) {
    return new String(text.getBytes(), StandardCharsets.ISO_8859_1);
  }
}

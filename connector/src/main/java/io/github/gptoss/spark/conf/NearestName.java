package io.github.gptoss.spark.conf;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody who mistyped a name probably meant. */
public final class NearestName {
  private NearestName() {}

  /** The candidate nearest to {@code name} by edit distance; empty if none is near enough. */
  public static Optional<String> of(String name, Collection<String> candidates) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int furthest = Math.max(2, wanted.length() / 3);
    return candidates.stream()
        .min(
            Comparator.comparingInt((String c) -> distance(wanted, c.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()))
        .filter(c -> distance(wanted, c.toLowerCase(Locale.ROOT)) <= furthest);
  }

  /** ", did you mean 'x'?" or nothing. */
  public static String hint(String name, Collection<String> candidates) {
    return of(name, candidates).map(c -> ": did you mean '" + c + "'?").orElse("");
  }

  /** Levenshtein's distance, one row at a time. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

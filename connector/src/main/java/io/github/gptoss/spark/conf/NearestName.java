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
                .thenComparing(c -> Math.abs(c.length() - wanted.length()))
                .thenComparing(Comparator.naturalOrder()))
        .filter(c -> distance(wanted, c.toLowerCase(Locale.ROOT)) <= furthest);
  }

  /** ", did you mean 'x'?" or nothing. */
  public static String hint(String name, Collection<String> candidates) {
    return of(name, candidates).map(c -> ": did you mean '" + c + "'?").orElse("");
  }

  /** Edit distance in which swapping two neighbours is one step, as it is for those who type. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int substituted = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(substituted, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}

package io.github.gptoss.engine.error;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds which name a mistyped one probably stands for, for messages that suggest it. */
public final class NearestName {
  private static final int MAX_EDITS = 3;

  // Names come from files too: what is looked at is bounded.
  private static final int MAX_CANDIDATES = 2_000;
  private static final int MAX_CHARS = 200;

  private NearestName() {}

  /**
   * The candidate with the fewest edits, upper and lower case being the same; among several the one
   * nearest in length, then the first. None if all need more than three edits, or more than two and
   * a third of the name, or more than half of it.
   */
  public static Optional<String> of(String name, Collection<String> candidates) {
    if (name.length() > MAX_CHARS) {
      return Optional.empty();
    }
    String wanted = name.toLowerCase(Locale.ROOT);
    String nearest = null;
    // With more than half of its letters replaced it is another name.
    int most = Math.min(wanted.length() / 2, Math.max(2, wanted.length() / 3));
    int fewest = Math.min(MAX_EDITS, most) + 1;
    int left = MAX_CANDIDATES;
    for (String candidate : candidates) {
      if (left-- == 0) {
        break;
      }
      if (candidate.length() > MAX_CHARS || lengthDifference(wanted, candidate) > fewest) {
        continue;
      }
      int edits = edits(wanted, candidate.toLowerCase(Locale.ROOT));
      boolean sooner =
          edits < fewest
              || (edits == fewest
                  && nearest != null
                  && lengthDifference(wanted, candidate) < lengthDifference(wanted, nearest));
      if (sooner) {
        fewest = edits;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  private static int lengthDifference(String a, String b) {
    return Math.abs(a.length() - b.length());
  }

  /** {@code : did you mean 'x'?}, or nothing. */
  public static String hint(String name, Collection<String> candidates) {
    return of(name, candidates).map(c -> ": did you mean '" + c + "'?").orElse("");
  }

  /** Edit distance in which swapping two neighbours is one step, as it is for those who type. */
  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int substituted = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(substituted, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}

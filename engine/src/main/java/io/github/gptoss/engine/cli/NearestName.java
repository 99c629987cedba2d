package io.github.gptoss.engine.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a misspelt key may have meant. */
final class NearestName {
  private static final int MAX_CHARS = 100;

  private NearestName() {}

  /** The candidate with the fewest edits, if they are at most a third of the name's length. */
  static Optional<String> of(String name, Collection<String> candidates) {
    if (name.length() > MAX_CHARS) {
      return Optional.empty();
    }
    int mostEdits = Math.max(1, (name.length() + 2) / 3);
    return candidates.stream()
        .filter(candidate -> edits(name, candidate) <= mostEdits)
        .min(
            Comparator.<String>comparingInt(candidate -> edits(name, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Levenshtein distance. */
  private static int edits(String a, String b) {
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

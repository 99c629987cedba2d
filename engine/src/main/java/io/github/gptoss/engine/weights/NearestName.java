package io.github.gptoss.engine.weights;

import java.util.Collection;
import java.util.Optional;

/** Finds what a misspelt name may have meant. */
final class NearestName {
  private static final int MAX_EDITS = 3;
  private static final int MAX_CANDIDATES = 2_000;
  private static final int MAX_CHARS = 200;

  private NearestName() {}

  /** The candidate with the fewest edits, if three or fewer; the first of several. */
  static Optional<String> of(String name, Collection<String> candidates) {
    String nearest = null;
    int fewest = MAX_EDITS + 1;
    int left = MAX_CANDIDATES;
    for (String candidate : candidates) {
      if (left-- == 0) {
        break;
      }
      if (candidate.length() > MAX_CHARS
          || Math.abs(candidate.length() - name.length()) >= fewest) {
        continue;
      }
      int edits = edits(name, candidate);
      if (edits < fewest) {
        fewest = edits;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
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

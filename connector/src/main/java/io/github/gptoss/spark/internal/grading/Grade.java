package io.github.gptoss.spark.internal.grading;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an answer is worth.
 *
 * @param extracted what the answer says by the grader's rules; null where it says nothing that the
 *     grader can read
 * @param isParsed whether what was extracted is an answer of the kind that the grader looks for
 * @param isCorrect whether it is the key
 * @param score 0 to 1; beside right and wrong only where an answer has parts
 * @param parts whether each part of an answer is right, by its name; empty where answers have none
 */
public record Grade(
    String extracted,
    boolean isParsed,
    boolean isCorrect,
    double score,
    Map<String, Boolean> parts) {
  /** An answer that says nothing. */
  static final Grade NOTHING = new Grade(null, false, false, 0, Map.of());

  public Grade {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** An answer without parts. */
  static Grade of(String extracted, boolean isCorrect) {
    return new Grade(extracted, true, isCorrect, isCorrect ? 1 : 0, Map.of());
  }
}

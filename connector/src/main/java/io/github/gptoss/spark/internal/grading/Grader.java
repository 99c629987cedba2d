package io.github.gptoss.spark.internal.grading;

import io.github.gptoss.engine.error.InvalidRequestException;

/** Grades answers by one set of rules. Takes any text: its time grows with the text's length. */
public interface Grader {
  /**
   * Grades one answer.
   *
   * @param response null where there is no answer, which is a wrong one
   * @param key the right answer
   * @throws InvalidRequestException {@code invalid_key} if the key is none that the grader knows
   */
  Grade grade(String response, String key);
}

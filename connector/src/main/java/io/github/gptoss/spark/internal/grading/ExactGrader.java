package io.github.gptoss.spark.internal.grading;

/**
 * The whole answer, without white space around it.
 *
 * @param ignoresCase whether upper and lower case are the same
 */
record ExactGrader(boolean ignoresCase) implements Grader {
  static final String NAME = "exact";

  @Override
  public Grade grade(String response, String key) {
    if (response == null) {
      return Grade.NOTHING;
    }
    String answer = PythonText.strip(response);
    String wanted = PythonText.strip(key);
    return Grade.of(answer, ignoresCase ? answer.equalsIgnoreCase(wanted) : answer.equals(wanted));
  }
}

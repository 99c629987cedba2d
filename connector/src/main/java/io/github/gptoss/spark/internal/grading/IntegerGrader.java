package io.github.gptoss.spark.internal.grading;

import java.math.BigInteger;

/**
 * An integer, by the rules of OpenAI's evaluation of gpt-oss (openai/gpt-oss 7b58334,
 * gpt_oss/evals/aime_eval.py): the last boxed group that is not empty, of which only what follows
 * its last comma counts, else the last digits of the text. A box that holds no integer is no
 * answer, whatever else the text says. Of a key, the digits with which it begins count.
 */
final class IntegerGrader implements Grader {
  static final String NAME = "integer";

  @Override
  public Grade grade(String response, String key) {
    BigInteger wanted = key(key);
    if (response == null) {
      return Grade.NOTHING;
    }
    String boxed = Boxed.last(response);
    BigInteger found =
        PythonText.integer(
            boxed == null
                ? PythonText.lastDigits(response)
                : boxed.substring(boxed.lastIndexOf(',') + 1));
    return found == null ? Grade.NOTHING : Grade.of(found.toString(), found.equals(wanted));
  }

  /** A key with a sign is no problem of AIME's, but may be one of another table. */
  private static BigInteger key(String key) {
    String digits = PythonText.leadingDigits(key);
    BigInteger wanted = PythonText.integer(digits.isEmpty() ? key : digits);
    if (wanted == null) {
      throw GraderErrors.badKey(NAME, "an integer");
    }
    return wanted;
  }
}

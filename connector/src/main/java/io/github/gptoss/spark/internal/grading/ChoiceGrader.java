package io.github.gptoss.spark.internal.grading;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The letter of an option, A to D or further, by the rules of OpenAI's evaluation of gpt-oss
 * (openai/gpt-oss 7b58334, gpt_oss/evals/abcd_grader.py): forms in which an answer may declare a
 * letter, of which the first in this order that occurs anywhere decides, at its first place. Where
 * none occurs, the first character stands for the answer, after two asterisks at most; it is no
 * letter of an option and so a wrong answer, as in the published evaluation.
 *
 * <p>RE2 matches in time linear in the text and has no look-around, so a pattern takes the
 * neighbours in that the original only looks at; the letter that it finds is the same.
 */
final class ChoiceGrader implements Grader {
  static final String NAME = "choice";
  static final int LEAST_OPTIONS = 2;
  static final int MOST_OPTIONS = 26;
  static final int PUBLISHED_OPTIONS = 4;

  private static final String S = PythonText.SPACE + "*";
  private static final String MARK = "(?:\\*{1,2}|_{1,2})";
  private static final String MARKS = MARK + "?";
  private static final String NO_WORD_BEFORE = "(?:\\A|" + PythonText.NO_WORD + ")";
  private static final String NO_WORD_AFTER = "(?:" + PythonText.NO_WORD + "|\\z)";
  private static final String NO_ASCII_BEFORE = "(?:\\A|[^A-Za-z0-9])";
  private static final String NO_ASCII_AFTER = "(?:[^A-Za-z0-9]|\\z)";

  /** Python's equal letters in either case: the long s is one, and i with or without its dot. */
  private static final String ANSWER = "(?i:an[sſ]wer)";

  private static final String ANSWERS = ANSWER + "[sSſ]?";
  private static final String OPTION = "(?i:opt[iıİ]on|cho[iıİ]ce)";

  /** A colon or dash, or white space: something that ends the word. */
  private static final String SEPARATED =
      "(?:" + PythonText.SPACE + "+[:\\-–]?|[:\\-–])" + PythonText.SPACE + "*";

  private final char last;
  private final List<Pattern> forms;

  /**
   * @param options how many there are, from A on
   */
  ChoiceGrader(int options) {
    last = (char) ('A' + options - 1);
    String letter = "([A-" + last + "])";
    String either = "([A-" + last + "a-" + Character.toLowerCase(last) + "])";
    // In the published rules a line that begins with a longer word declares its first letter. With
    // more letters most lines would: there the letter has to stand alone.
    boolean isPublished = options == PUBLISHED_OPTIONS;
    String afterWord = isPublished ? "" : NO_WORD_AFTER;
    String afterLetter = isPublished ? "" : MARKS + "[ \\t\\r]*(?:[.):\\-–]|$)";
    String inBraces = "[^}]*?" + letter + "[^}]*\\}";
    forms =
        Stream.of(
                // **Answer:** A
                MARK + ANSWERS + S + "[:\\-–]?" + MARK + S + either + NO_WORD_AFTER,
                // a line that begins with Answer: A
                "(?m)^"
                    + S
                    + MARKS
                    + ANSWER
                    + ":?"
                    + MARKS
                    + S
                    + ":?"
                    + S
                    + MARKS
                    + either
                    + afterWord,
                // Answer: (A)
                NO_WORD_BEFORE + ANSWERS + S + "[:\\-–]?" + S + "\\(" + S + either + S + "\\)",
                // Answer: A
                NO_WORD_BEFORE + ANSWERS + SEPARATED + either + NO_WORD_AFTER,
                // Option A, Choice: A
                NO_WORD_BEFORE + OPTION + SEPARATED + either + NO_WORD_AFTER,
                // \boxed{A}, \boxed{\textbf{A}}, \boxed{\text{A}}
                "\\\\boxed\\{" + inBraces,
                "\\\\boxed\\{[^}]*?\\\\textbf\\{" + inBraces + "[^}]*\\}",
                "\\\\boxed\\{[^}]*?\\\\text\\{" + inBraces + "[^}]*\\}",
                // (A), [A]
                NO_ASCII_BEFORE + "[(\\[]" + S + letter + S + "[)\\]]" + NO_ASCII_AFTER,
                // **A**
                NO_ASCII_BEFORE + MARK + letter + MARK + NO_ASCII_AFTER,
                // \textbf{A}
                "\\\\textbf\\{" + inBraces,
                // **A) about 3 nm**
                NO_ASCII_BEFORE + MARK + S + letter + "\\)[^*_\\n]+?" + MARK + NO_ASCII_AFTER,
                // a line that begins with A
                "(?m)^" + S + MARKS + letter + afterLetter)
            .map(Pattern::compile)
            .toList();
  }

  @Override
  public Grade grade(String response, String key) {
    if (key.length() != 1 || key.charAt(0) < 'A' || key.charAt(0) > last) {
      throw GraderErrors.badKey(NAME, "a capital letter, A to " + last);
    }
    if (response == null) {
      return Grade.NOTHING;
    }
    for (Pattern form : forms) {
      Matcher found = form.matcher(response);
      if (found.find()) {
        String letter = found.group(1).toUpperCase(Locale.ROOT);
        return Grade.of(letter, letter.equals(key));
      }
    }
    String rest = response.startsWith("**") ? response.substring(2) : response;
    int end = rest.isEmpty() ? 0 : Character.charCount(rest.codePointAt(0));
    return new Grade(rest.substring(0, end), false, false, 0, Map.of());
  }
}

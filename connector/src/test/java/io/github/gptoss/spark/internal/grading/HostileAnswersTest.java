package io.github.gptoss.spark.internal.grading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that no model should write, and some do: any text is graded, and soon. */
class HostileAnswersTest {
  private static final Map<String, String> KEYS =
      Map.of(
          "choice",
          "A",
          "integer",
          "7",
          "exact",
          "x",
          "json",
          "{\"a\": {\"b\": 1}}",
          "regex",
          "(a+)+$",
          "numeric",
          "1");

  private static final List<String> PARTS =
      List.of(
          "answer",
          "Answers",
          "**",
          "_",
          "*",
          ":",
          "-",
          "–",
          " ",
          "\n",
          "\t",
          "\u2003",
          "\u0000",
          "A",
          "b",
          "C",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "\\boxed{",
          "\\textbf{",
          "\\text{",
          "framebox{",
          "1",
          "\u0663",
          "\ud835\udfd9",
          ",",
          ".",
          "e",
          "+",
          "\"",
          "\\",
          "ſ",
          "é",
          "\ud83d\ude00",
          "\ud83d",
          "\ude00",
          "option",
          "choice",
          "null",
          "aaaa");

  @Provide
  Arbitrary<String> answers() {
    return Arbitraries.of(PARTS).list().ofMaxSize(40).map(parts -> String.join("", parts));
  }

  @Property(tries = 3000)
  void everyGraderGradesAnyAnswer(@ForAll("answers") String answer) {
    KEYS.forEach(
        (grader, key) -> {
          Grade grade = Graders.of(grader).grade(answer, key);
          assertThat(grade.score()).isBetween(0.0, 1.0);
          assertThat(grade.isCorrect() && grade.extracted() == null).isFalse();
          assertThat(grade.isCorrect() && !grade.isParsed()).isFalse();
        });
  }

  /** Each is half a million of characters; a matcher that backtracks needs hours for most. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "\n",
        " ",
        "Answer ",
        "Answer:",
        "answer  \n",
        "**",
        "*",
        "_",
        "\\boxed{",
        "\\boxed{x",
        "\\boxed{\\textbf{",
        "boxed{}",
        "framebox{",
        "\\textbf{A",
        "(",
        "( ",
        "[A",
        "**A) ",
        "1",
        "1,",
        "1,111",
        "-",
        ".",
        "1e",
        "{\"a\":",
        "[",
        "[1,",
        "\"",
        "option\u2003",
        "\u0000",
        "\ud83d\ude00"
      })
  void longAnswersAreGradedInTime(String part) {
    String answer = part.repeat(500_000 / part.length());
    KEYS.forEach(
        (grader, key) ->
            Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> {
                  assertThatCode(() -> Graders.of(grader).grade(answer, key))
                      .as("%s of %s", grader, part)
                      .doesNotThrowAnyException();
                }));
  }
}

package io.github.gptoss.spark.internal.grading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradersTest {
  private static final Path REFERENCE =
      Path.of("../engine/src/test/resources/goldens/eval/grade.jsonl");

  private static Grade grade(String grader, String response, String key) {
    return Graders.of(grader).grade(response, key);
  }

  @Test
  void gradesAsThePublishedEvaluation() throws IOException {
    ObjectMapper json = new ObjectMapper();
    int cases = 0;
    for (String line : Files.readAllLines(REFERENCE)) {
      JsonNode wanted = json.readTree(line);
      Grade grade =
          grade(
              wanted.get("grader").textValue(),
              wanted.get("response").textValue(),
              wanted.get("key").textValue());
      assertThat(grade.extracted()).as(line).isEqualTo(wanted.get("extracted").textValue());
      assertThat(grade.isCorrect()).as(line).isEqualTo(wanted.get("correct").booleanValue());
      cases++;
    }
    assertThat(cases).isEqualTo(160);
  }

  /** Forms in their order of priority: each text has one of a lower priority before it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Answer: A. **Answer:** B|B",
        "the answer (A), __answers -__ d|D",
        "x\\boxed{A}x **Answer: B**|B",
        "(A) answerB|A",
        "Anſwer – c|C",
        "\\boxed{A} Choıce: b|B",
        "(A) \\boxed{x D y}|D",
        "**A** [ C ]|C",
        "a(A)b **C**|C",
        "**B) text *x \\textbf{x C}|C",
        "zz **B) text * zz|B",
        "no letter declared|n",
        "**|``",
        "**?A|?"
      })
  void choiceTakesTheFormOfTheHighestPriority(String response, String extracted) {
    assertThat(grade("choice", response, "A").extracted()).isEqualTo(extracted);
  }

  @Test
  void choiceKnowsWhatIsNoLetter() {
    Grade first = grade("choice", "\ud83d\ude00 who knows", "A");
    assertThat(first.extracted()).isEqualTo("\ud83d\ude00");
    assertThat(first.isParsed()).isFalse();
    assertThat(grade("choice", "Answer: B", "A").isParsed()).isTrue();
  }

  @Test
  void choiceHasAsManyLettersAsThereAreOptions() {
    String ten = "{\"type\": \"choice\", \"options\": 10}";
    assertThat(grade(ten, "The answer: J", "J").isCorrect()).isTrue();
    assertThat(grade("choice", "The answer: J", "D").isParsed()).isFalse();
    assertThat(grade("{\"type\": \"choice\", \"options\": 3}", "(D)", "A").isParsed()).isFalse();
  }

  /** In the published rules, for four, any word that begins with its letter will do. */
  @Test
  void moreThanFourLettersStandAlone() {
    String ten = "{\"type\": \"choice\", \"options\": 10}";
    assertThat(grade("choice", "Because", "B").isCorrect()).isTrue();
    for (String text : new String[] {"Hence", "I think so", "Answer Jx", "Given (x)"}) {
      assertThat(grade(ten, text, "A").isParsed()).as(text).isFalse();
    }
    for (String text : new String[] {"I", "**I**", " I. x", "x\nI)", "I:\n", "Answer I"}) {
      assertThat(grade(ten, text, "I").isCorrect()).as(text).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\\boxed{1} 2|1",
        "boxed{} framebox{ 7 } 9|7",
        "\\boxed{12,\u0663\u0664}|34",
        "\\boxed{1_000}|1000",
        "\\boxed{+0042}|42",
        "\\boxed{- 4} 5|",
        "\\boxed{4.0}|",
        "\\boxed{|",
        "\\boxed{ 7|7",
        "one 10^{-6} and \u0661\u0662 end|12",
        "\ud835\udfd9\ud835\udfda|12",
        "none|"
      })
  void integerReadsTheLastBoxElseTheLastDigits(String response, String extracted) {
    assertThat(grade("integer", response, "0").extracted()).isEqualTo(extracted);
  }

  /** Python's int has a limit, and the published grader takes its error for no answer. */
  @Test
  void integerReadsNoMoreDigitsThanPython() {
    assertThat(grade("integer", "9".repeat(4300), "9").extracted()).hasSize(4300);
    assertThat(grade("integer", "9".repeat(4301), "9").extracted()).isNull();
    assertThat(grade("integer", "0".repeat(4301), "9").extracted()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"336, 336^\\circ", "7, 007", "-5, -5", "42,  42"})
  void integerReadsTheBeginningOfAKey(String response, String key) {
    assertThat(grade("integer", "\\boxed{" + response + "}", key).isCorrect()).isTrue();
  }

  @Test
  void exactComparesTheWholeAnswer() {
    assertThat(grade("exact", "\u2003 Paris\n", "Paris").isCorrect()).isTrue();
    assertThat(grade("exact", "It is Paris", "Paris").isCorrect()).isFalse();
    assertThat(grade("exact", "paris", "Paris").isCorrect()).isFalse();
    assertThat(grade("{\"type\": \"exact\", \"ignore_case\": true}", "paris", "Paris").isCorrect())
        .isTrue();
  }

  @Test
  void jsonComparesValues() {
    String key = "{\"a\": 1, \"b\": {\"c\": [1, 2], \"d\": \"x\"}, \"e\": {}}";
    Grade right =
        grade("json", "{\"b\":{\"d\":\"\\u0078\",\"c\":[1.0,2e0]},\"e\":{},\"a\":1.00}", key);
    assertThat(right.isCorrect()).isTrue();
    assertThat(right.score()).isEqualTo(1);
    assertThat(right.parts()).containsOnlyKeys("a", "b.c", "b.d", "e");
    Grade half = grade("json", "{\"a\": 1, \"b\": {\"c\": [2, 1], \"d\": \"x\"}, \"z\": 0}", key);
    assertThat(half.isCorrect()).isFalse();
    assertThat(half.score()).isEqualTo(0.5);
    assertThat(half.parts()).containsEntry("b.c", false).containsEntry("b.d", true);
    Grade more = grade("json", "{\"a\": 1, \"z\": 0}", "{\"a\": 1}");
    assertThat(more.isCorrect()).isFalse();
    assertThat(more.score()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"a\": 1} x", "{\"a\": 1, \"a\": 1}", "{'a': 1}", "NaN", "{\"a\":"})
  void jsonIsNothingElse(String response) {
    Grade grade = grade("json", response, "{\"a\": 1}");
    assertThat(grade.extracted()).isNull();
    assertThat(grade.isCorrect()).isFalse();
    assertThat(grade.parts()).containsEntry("a", false);
  }

  @Test
  void regexFindsItsFirstGroup() {
    assertThat(grade("regex", "total: 12 EUR", "(\\d+) (?:EUR|USD)").extracted()).isEqualTo("12");
    assertThat(grade("regex", "total: 12 EUR", "\\d+ EUR").extracted()).isEqualTo("12 EUR");
    assertThat(grade("regex", "a", "(b)|a").extracted()).isEqualTo("a");
    assertThat(grade("regex", "total", "^\\d+$").isCorrect()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "It is 1,234.50 in all.|1234.50",
        "3-5|5",
        "x = -5|-5",
        "x=\u22125|-5",
        "(1)-2|2",
        "-.5e-1|-0.05",
        "1,11|11",
        "\\boxed{2.5} of 3|2.5",
        "\\boxed{none} of 3|",
        "1e1001|",
        "1e999999999|",
        "none|"
      })
  void numericReadsTheLastNumber(String response, String extracted) {
    assertThat(grade("numeric", response, "0").extracted()).isEqualTo(extracted);
  }

  @Test
  void numericComparesWithinItsTolerances() {
    assertThat(grade("numeric", "0.30000000000000000001", "0.3").isCorrect()).isFalse();
    assertThat(grade("numeric", "3.0e-1", "0.3").isCorrect()).isTrue();
    String absolute = "{\"type\": \"numeric\", \"tolerance\": 0.1}";
    assertThat(grade(absolute, "0.4", "0.3").isCorrect()).isTrue();
    assertThat(grade(absolute, "0.41", "0.3").isCorrect()).isFalse();
    String relative = "{\"type\": \"numeric\", \"relative_tolerance\": 0.01}";
    assertThat(grade(relative, "101", "-100").isCorrect()).isFalse();
    assertThat(grade(relative, "-101", "-100").isCorrect()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"choice", "integer", "exact", "json", "regex", "numeric"})
  void rowsWithoutAnAnswerAreWrong(String grader) {
    Grade grade = grade(grader, null, grader.equals("choice") ? "A" : "7");
    assertThat(grade.extracted()).isNull();
    assertThat(grade.isParsed()).isFalse();
    assertThat(grade.isCorrect()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "choice, E",
    "choice, a",
    "choice, AB",
    "integer, x7",
    "json, {",
    "numeric, 1 2",
    "numeric, 1e9999",
    "regex, (?=x)",
    "regex, ("
  })
  void keysThatAreNoneAreErrors(String grader, String key) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> grade(grader, "x", key))
        .satisfies(e -> assertThat(e.code()).isEqualTo("invalid_key"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "choise|did you mean 'choice'?",
        "{}|neither a name nor a JSON object",
        "{|neither a name nor a JSON object",
        "{\"type\": 1}|neither a name nor a JSON object",
        "{\"type\": \"choice\", \"option\": 3}|did you mean 'options'?",
        "{\"type\": \"choice\", \"options\": 27}|from 2 to 26",
        "{\"type\": \"integer\", \"x\": 3}|it has none",
        "{\"type\": \"numeric\", \"tolerance\": -1}|a number from 0",
        "{\"type\": \"exact\", \"ignore_case\": 1}|true or false"
      })
  void gradersThatAreNoneAreErrors(String grader, String message) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> Graders.of(grader))
        .withMessageContaining(message);
  }
}

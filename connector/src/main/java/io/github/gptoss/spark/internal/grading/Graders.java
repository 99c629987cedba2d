package io.github.gptoss.spark.internal.grading;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.List;

/**
 * Graders by their names, with settings: {@code choice}, or {@code {"type": "choice", "options":
 * 10}}.
 */
public final class Graders {
  private static final List<String> NAMES =
      List.of(
          ChoiceGrader.NAME,
          IntegerGrader.NAME,
          ExactGrader.NAME,
          JsonGrader.NAME,
          RegexGrader.NAME,
          NumericGrader.NAME);

  private Graders() {}

  /**
   * The grader of a text: a name, or a JSON object.
   *
   * @throws InvalidConfigException if there is none, or a setting is wrong
   */
  public static Grader of(String text) {
    return of(GraderSettings.of(text));
  }

  /**
   * The grader of a JSON value: a name, or an object with {@code type} and settings.
   *
   * @throws InvalidConfigException if there is none, or a setting is wrong
   */
  public static Grader of(JsonNode grader) {
    return of(GraderSettings.of(grader));
  }

  private static Grader of(GraderSettings given) {
    return switch (given.grader()) {
      case ChoiceGrader.NAME -> {
        given.only("options");
        yield new ChoiceGrader(
            given.integer("options", 4, ChoiceGrader.LEAST_OPTIONS, ChoiceGrader.MOST_OPTIONS));
      }
      case IntegerGrader.NAME -> {
        given.only();
        yield new IntegerGrader();
      }
      case ExactGrader.NAME -> {
        given.only("ignore_case");
        yield new ExactGrader(given.flag("ignore_case"));
      }
      case JsonGrader.NAME -> {
        given.only();
        yield new JsonGrader();
      }
      case RegexGrader.NAME -> {
        given.only();
        yield new RegexGrader();
      }
      case NumericGrader.NAME -> {
        given.only("tolerance", "relative_tolerance");
        yield new NumericGrader(given.amount("tolerance"), given.amount("relative_tolerance"));
      }
      case GraderSettings.JUDGE -> throw GraderErrors.needsModel();
      default -> throw GraderErrors.unknown(given.grader(), NAMES);
    };
  }
}

package io.github.gptoss.spark.internal.grading;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;

/**
 * Graders by their names, with settings: {@code choice}, or {@code {"type": "choice", "options":
 * 10}}.
 */
public final class Graders {
  private static final ObjectMapper JSON = new ObjectMapper();

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
    String given = text.strip();
    if (!given.startsWith("{")) {
      return of(JsonNodeFactory.instance.textNode(given));
    }
    try {
      return of(JSON.readTree(given));
    } catch (JsonProcessingException e) {
      throw GraderErrors.notAGrader();
    }
  }

  /**
   * The grader of a JSON value: a name, or an object with {@code type} and settings.
   *
   * @throws InvalidConfigException if there is none, or a setting is wrong
   */
  public static Grader of(JsonNode grader) {
    JsonNode name = grader.isObject() ? grader.path("type") : grader;
    if (!name.isTextual()) {
      throw GraderErrors.notAGrader();
    }
    ObjectNode settings =
        grader instanceof ObjectNode object
            ? object.deepCopy().without("type")
            : JsonNodeFactory.instance.objectNode();
    Settings given = new Settings(name.textValue(), settings);
    return switch (name.textValue()) {
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
      case "judge" -> throw GraderErrors.needsModel();
      default -> throw GraderErrors.unknown(name.textValue(), NAMES);
    };
  }

  /** The settings of one grader. */
  private record Settings(String grader, ObjectNode given) {
    void only(String... known) {
      for (Iterator<String> names = given.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        if (!List.of(known).contains(name)) {
          throw GraderErrors.unknownSetting(grader, name, List.of(known));
        }
      }
    }

    int integer(String name, int whenUnset, int least, int most) {
      JsonNode node = given.path(name);
      if (node.isMissingNode()) {
        return whenUnset;
      }
      if (!node.canConvertToInt() || node.intValue() < least || node.intValue() > most) {
        throw GraderErrors.wrongSetting(
            grader, name, "an integer from %d to %d".formatted(least, most));
      }
      return node.intValue();
    }

    boolean flag(String name) {
      JsonNode node = given.path(name);
      if (!node.isMissingNode() && !node.isBoolean()) {
        throw GraderErrors.wrongSetting(grader, name, "true or false");
      }
      return node.booleanValue();
    }

    BigDecimal amount(String name) {
      JsonNode node = given.path(name);
      if (node.isMissingNode()) {
        return BigDecimal.ZERO;
      }
      double value = node.isNumber() ? node.doubleValue() : Double.NaN;
      if (!(value >= 0 && value <= 1e100)) {
        throw GraderErrors.wrongSetting(grader, name, "a number from 0 to 1e100");
      }
      return BigDecimal.valueOf(value);
    }
  }
}

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
 * A grader by its name, and its settings, whether it is one of {@link Graders} or asks a model.
 *
 * @param given the settings, without {@code type}
 */
public record GraderSettings(String grader, ObjectNode given) {
  /** The grader that asks a model. */
  public static final String JUDGE = "judge";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a text: a name, or a JSON object.
   *
   * @throws InvalidConfigException if it is neither
   */
  public static GraderSettings of(String text) {
    String given = text.strip();
    if (!given.startsWith("{")) {
      return new GraderSettings(given, JsonNodeFactory.instance.objectNode());
    }
    try {
      return of(JSON.readTree(given));
    } catch (JsonProcessingException e) {
      throw GraderErrors.notAGrader();
    }
  }

  static GraderSettings of(JsonNode grader) {
    JsonNode name = grader.isObject() ? grader.path("type") : grader;
    if (!name.isTextual()) {
      throw GraderErrors.notAGrader();
    }
    ObjectNode settings =
        grader instanceof ObjectNode object
            ? object.deepCopy().without("type")
            : JsonNodeFactory.instance.objectNode();
    return new GraderSettings(name.textValue(), settings);
  }

  /** An error that says what a setting must be. */
  public InvalidConfigException wrong(String name, String expected) {
    return GraderErrors.wrongSetting(grader, name, expected);
  }

  /**
   * Checks that there is no other setting.
   *
   * @throws InvalidConfigException if there is one
   */
  public void only(String... known) {
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
      throw wrong(name, "an integer from %d to %d".formatted(least, most));
    }
    return node.intValue();
  }

  boolean flag(String name) {
    JsonNode node = given.path(name);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw wrong(name, "true or false");
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
      throw wrong(name, "a number from 0 to 1e100");
    }
    return BigDecimal.valueOf(value);
  }
}

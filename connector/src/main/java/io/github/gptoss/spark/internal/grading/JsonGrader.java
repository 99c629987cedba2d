package io.github.gptoss.spark.internal.grading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that is JSON and nothing else, equal to the key as a value: the order of members and
 * the spelling of numbers and strings mean nothing. Where the key is an object, each of its members
 * is a part, those of objects in it by their path ({@code address.city}), and the score is the
 * share of parts that are right. A member that the key does not have makes an answer wrong, and
 * changes no score.
 */
final class JsonGrader implements Grader {
  static final String NAME = "json";

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  @Override
  public Grade grade(String response, String key) {
    JsonNode wanted = read(key);
    if (wanted == null) {
      throw GraderErrors.badKey(NAME, "JSON whose objects have each name once");
    }
    Map<String, Boolean> parts = new LinkedHashMap<>();
    JsonNode found = response == null ? null : read(response);
    addParts(parts, "", wanted, found);
    boolean isCorrect = found != null && equal(found, wanted);
    double right = parts.values().stream().filter(isRight -> isRight).count();
    double score = parts.isEmpty() ? (isCorrect ? 1 : 0) : right / parts.size();
    return new Grade(
        found == null ? null : found.toString(), found != null, isCorrect, score, parts);
  }

  /** Null where the text is no JSON. */
  private static JsonNode read(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node.isMissingNode() ? null : node;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static void addParts(
      Map<String, Boolean> parts, String path, JsonNode wanted, JsonNode found) {
    for (Map.Entry<String, JsonNode> member : wanted.properties()) {
      JsonNode there = found == null ? null : found.get(member.getKey());
      String name = path + member.getKey();
      if (member.getValue().isObject() && !member.getValue().isEmpty()) {
        addParts(parts, name + ".", member.getValue(), there);
      } else {
        parts.put(name, there != null && equal(there, member.getValue()));
      }
    }
  }

  /** Numbers are equal as numbers: 1, 1.0 and 1e0. */
  private static boolean equal(JsonNode a, JsonNode b) {
    return a.equals(
        (x, y) ->
            x.isNumber() && y.isNumber()
                ? x.decimalValue().compareTo(y.decimalValue())
                : x.equals(y) ? 0 : 1,
        b);
  }
}

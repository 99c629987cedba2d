package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Reads JSON and names the place of what is wrong, never the text that stands there. */
record JsonReader(BiFunction<String, String, InvalidRequestException> errors) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          // Prompts show the nearest doubles, but the schemas of strict tools are compared exactly.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  static final JsonReader CONVERSATION = new JsonReader(HarmonyErrors::conversation);
  static final JsonReader PARAMETER = new JsonReader(HarmonyErrors::parameter);

  JsonNode parse(String json, String where) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String place =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      // Jackson's own message and the cause would quote the text.
      throw errors.apply(where, "not valid JSON" + place);
    }
  }

  ObjectNode object(JsonNode node, String where) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw unexpected(node, "an object", where);
  }

  JsonNode array(JsonNode node, String where) {
    if (node != null && node.isArray()) {
      return node;
    }
    throw unexpected(node, "a list", where);
  }

  /** Reads each element of a list, which is given with its place. */
  <T> List<T> list(JsonNode node, String where, BiFunction<JsonNode, String, T> element) {
    JsonNode list = array(node, where);
    return IntStream.range(0, list.size())
        .mapToObj(i -> element.apply(list.get(i), where + "[" + i + "]"))
        .toList();
  }

  /** As {@link #list}, of a list of objects. */
  <T> List<T> objects(JsonNode node, String where, BiFunction<ObjectNode, String, T> element) {
    return list(node, where, (json, place) -> element.apply(object(json, place), place));
  }

  String text(JsonNode node, String where) {
    if (node != null && node.isTextual()) {
      return node.textValue();
    }
    throw unexpected(node, "a string", where);
  }

  String requiredText(ObjectNode object, String key, String where) {
    return text(object.get(key), where + "." + key);
  }

  /** A string, or null where the key is missing or null. */
  String optionalText(ObjectNode object, String key, String where) {
    JsonNode node = object.get(key);
    return isAbsent(node) ? null : text(node, where + "." + key);
  }

  InvalidRequestException error(String where, String problem) {
    return errors.apply(where, problem);
  }

  static boolean isAbsent(JsonNode node) {
    return node == null || node.isNull() || node.isMissingNode();
  }

  private InvalidRequestException unexpected(JsonNode node, String expected, String where) {
    String actual =
        node == null ? "missing" : "of type " + node.getNodeType().name().toLowerCase(Locale.ROOT);
    return errors.apply(where, actual + "; it must be " + expected);
  }
}

package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.Locale;
import java.util.function.BiFunction;

/** Reads JSON and names the place of what is wrong, never the text that stands there. */
record JsonReader(BiFunction<String, String, InvalidRequestException> errors) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  static final JsonReader CONVERSATION = new JsonReader(HarmonyErrors::conversation);
  static final JsonReader PARAMETER = new JsonReader(HarmonyErrors::parameter);

  JsonNode parse(String json, String where) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
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

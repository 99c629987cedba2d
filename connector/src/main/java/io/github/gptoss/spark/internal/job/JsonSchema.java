package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The keywords of JSON Schema that structured answers use: type, enum, const, required, properties,
 * additionalProperties, items, anyOf. What another keyword forbids is let through: a doubt is no
 * reason to generate again.
 */
final class JsonSchema {
  private JsonSchema() {}

  static boolean fits(JsonNode json, JsonNode schema) {
    return isOfType(json, schema.path("type"))
        && (!schema.has("const") || schema.get("const").equals(json))
        && (!schema.has("enum") || any(schema.get("enum"), json::equals))
        && (!schema.has("anyOf") || any(schema.get("anyOf"), one -> fits(json, one)))
        && (!json.isObject() || hasProperties(json, schema))
        && (!json.isArray()
            || !schema.has("items")
            || !any(json, element -> !fits(element, schema.get("items"))));
  }

  private static boolean isOfType(JsonNode json, JsonNode type) {
    if (type.isArray()) {
      return any(type, one -> isOfType(json, one));
    }
    return switch (type.asText()) {
      case "object" -> json.isObject();
      case "array" -> json.isArray();
      case "string" -> json.isTextual();
      case "boolean" -> json.isBoolean();
      case "null" -> json.isNull();
      case "number" -> json.isNumber();
      case "integer" -> json.isNumber() && json.asDouble() == Math.rint(json.asDouble());
      default -> true;
    };
  }

  private static boolean any(JsonNode array, Predicate<JsonNode> test) {
    for (JsonNode element : array) {
      if (test.test(element)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasProperties(JsonNode object, JsonNode schema) {
    if (any(schema.path("required"), name -> !object.has(name.asText()))) {
      return false;
    }
    JsonNode known = schema.path("properties");
    JsonNode others = schema.path("additionalProperties");
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      JsonNode own = known.has(field.getKey()) ? known.get(field.getKey()) : others;
      if (own.isBoolean() ? !own.booleanValue() : !fits(field.getValue(), own)) {
        return false;
      }
    }
    return true;
  }
}

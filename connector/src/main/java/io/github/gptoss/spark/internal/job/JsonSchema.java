package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

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
        && (!schema.has("enum") || contains(schema.get("enum"), json))
        && (!schema.has("anyOf") || fitsAny(json, schema.get("anyOf")))
        && (!json.isObject() || hasProperties(json, schema))
        && (!json.isArray() || !schema.has("items") || allFit(json, schema.get("items")));
  }

  private static boolean isOfType(JsonNode json, JsonNode type) {
    if (type.isArray()) {
      for (JsonNode one : type) {
        if (isOfType(json, one)) {
          return true;
        }
      }
      return false;
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

  private static boolean contains(JsonNode values, JsonNode json) {
    for (JsonNode value : values) {
      if (value.equals(json)) {
        return true;
      }
    }
    return false;
  }

  private static boolean fitsAny(JsonNode json, JsonNode schemas) {
    for (JsonNode schema : schemas) {
      if (fits(json, schema)) {
        return true;
      }
    }
    return false;
  }

  private static boolean allFit(JsonNode array, JsonNode schema) {
    for (JsonNode element : array) {
      if (!fits(element, schema)) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasProperties(JsonNode object, JsonNode schema) {
    for (JsonNode name : schema.path("required")) {
      if (!object.has(name.asText())) {
        return false;
      }
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

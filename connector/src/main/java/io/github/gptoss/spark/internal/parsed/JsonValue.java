package io.github.gptoss.spark.internal.parsed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** Compares JSON as values: the order of members and the spelling of numbers mean nothing. */
public final class JsonValue {
  private JsonValue() {}

  /**
   * A text that two JSON texts have in common where their values are equal. A text that is no JSON,
   * or nested deeper than is read, is its own.
   */
  public static String canonical(String json) {
    try {
      StringBuilder text = new StringBuilder();
      add(text, ParsedType.JSON.readTree(json));
      return text.toString();
    } catch (JsonProcessingException e) {
      return json;
    }
  }

  private static void add(StringBuilder text, JsonNode node) throws JsonProcessingException {
    if (node.isNumber()) {
      text.append(node.decimalValue().stripTrailingZeros());
    } else if (node.isArray()) {
      String before = "[";
      for (JsonNode element : node) {
        add(text.append(before), element);
        before = ",";
      }
      text.append(node.isEmpty() ? "[]" : "]");
    } else if (node.isObject()) {
      addMembers(text, node);
    } else {
      text.append(ParsedType.JSON.writeValueAsString(node));
    }
  }

  private static void addMembers(StringBuilder text, JsonNode object)
      throws JsonProcessingException {
    Map<String, JsonNode> members = new TreeMap<>();
    for (Iterator<Map.Entry<String, JsonNode>> all = object.fields(); all.hasNext(); ) {
      Map.Entry<String, JsonNode> member = all.next();
      members.put(member.getKey(), member.getValue());
    }
    String before = "{";
    for (Map.Entry<String, JsonNode> member : members.entrySet()) {
      String name = ParsedType.JSON.writeValueAsString(member.getKey());
      add(text.append(before).append(name).append(':'), member.getValue());
      before = ",";
    }
    text.append(members.isEmpty() ? "{}" : "}");
  }
}

package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** JSON values compared as JSON Schema compares them: numbers by value, objects without order. */
final class Literals {
  private Literals() {}

  /** The values that are in both lists; all of one where the other is null. */
  static List<JsonNode> both(List<JsonNode> known, List<JsonNode> more) {
    return known == null
        ? distinct(more)
        : known.stream().filter(value -> contains(more, value)).toList();
  }

  private static List<JsonNode> distinct(List<JsonNode> values) {
    if (values.size() > 64) {
      // Long lists hold texts or numbers, where the map of the automaton finds equal ones.
      return values;
    }
    List<JsonNode> distinct = new ArrayList<>();
    values.stream().filter(value -> !contains(distinct, value)).forEach(distinct::add);
    return distinct;
  }

  private static boolean contains(List<JsonNode> values, JsonNode value) {
    return values.stream().anyMatch(other -> areEqual(other, value));
  }

  static boolean areEqual(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) == 0;
    }
    if (a.isArray() && b.isArray() && a.size() == b.size()) {
      for (int i = 0; i < a.size(); i++) {
        if (!areEqual(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a.isObject() && b.isObject() && a.size() == b.size()) {
      for (var field : a.properties()) {
        JsonNode other = b.get(field.getKey());
        if (other == null || !areEqual(field.getValue(), other)) {
          return false;
        }
      }
      return true;
    }
    return !a.isContainerNode() && a.equals(b);
  }
}

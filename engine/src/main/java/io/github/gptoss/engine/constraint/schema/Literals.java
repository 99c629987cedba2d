package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** JSON values compared as JSON Schema compares them: numbers by value, objects without order. */
final class Literals {
  private Literals() {}

  /**
   * A value.
   *
   * @param key a text that equal values share
   */
  record Literal(String key, JsonNode value) {
    Literal(JsonNode value) {
      this(keyOf(value), value);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Literal literal && key.equals(literal.key);
    }

    @Override
    public int hashCode() {
      return key.hashCode();
    }
  }

  /** The values without those that equal an earlier one. */
  static Set<Literal> of(Iterable<JsonNode> values) {
    Set<Literal> literals = new LinkedHashSet<>();
    values.forEach(value -> literals.add(new Literal(value)));
    return literals;
  }

  /** The values of the first set that are in the second one too, in their order. */
  static Set<Literal> both(Set<Literal> some, Set<Literal> others) {
    Set<Literal> common = new LinkedHashSet<>(some);
    common.retainAll(others);
    return common;
  }

  static String keyOf(JsonNode value) {
    StringBuilder key = new StringBuilder();
    append(value, key);
    return key.toString();
  }

  /** Texts begin with their lengths, so that no two values have one key. */
  private static void append(JsonNode value, StringBuilder key) {
    switch (value.getNodeType()) {
      case NUMBER -> key.append(value.decimalValue().stripTrailingZeros());
      case STRING -> append(value.textValue(), key);
      case ARRAY -> {
        key.append('[');
        value.forEach(item -> append(item, key.append(',')));
        key.append(']');
      }
      case OBJECT -> {
        List<String> names = new ArrayList<>();
        value.fieldNames().forEachRemaining(names::add);
        Collections.sort(names);
        key.append('{');
        for (String name : names) {
          append(name, key);
          append(value.get(name), key.append(':'));
        }
        key.append('}');
      }
      default -> key.append(value.asText());
    }
  }

  private static void append(String text, StringBuilder key) {
    key.append('"').append(text.length()).append('"').append(text);
  }
}

package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Reads the keys of one JSON object, each of one type. A null counts as left out. Errors are {@code
 * invalid_parameter} and name the key, not its value.
 */
final class Fields {
  /** Keys that a line may carry for its reader; they stand first in the answer, unchanged. */
  static final List<String> ECHOED = List.of("id", "custom_id");

  private final ObjectNode object;
  private final ObjectNode defaults;
  private final String where;

  private Fields(ObjectNode object, ObjectNode defaults, String where) {
    this.object = object;
    this.defaults = defaults;
    this.where = where;
  }

  /**
   * A line with exactly these keys and {@link #ECHOED}.
   *
   * @throws InvalidRequestException for any other key, naming the nearest
   */
  static Fields line(ObjectNode line, Collection<String> keys) {
    return line(line, Json.object(), keys);
  }

  /** {@link #line(ObjectNode, Collection)} with values for keys that the line leaves out. */
  static Fields line(ObjectNode line, ObjectNode defaults, Collection<String> keys) {
    Set<String> known = new LinkedHashSet<>(keys);
    known.addAll(ECHOED);
    return new Fields(line, defaults, "").requireOnly(known);
  }

  /** An object within a line. */
  Fields inner(String key, Collection<String> keys) {
    JsonNode node = node(key);
    if (node == null) {
      return new Fields(Json.object(), Json.object(), key + ".");
    }
    if (node instanceof ObjectNode inner) {
      return new Fields(inner, Json.object(), where + key + ".").requireOnly(keys);
    }
    throw wrongType(key, node, "an object");
  }

  static ObjectNode echo(ObjectNode line) {
    ObjectNode echo = Json.object();
    for (String key : ECHOED) {
      if (line.has(key)) {
        echo.set(key, line.get(key));
      }
    }
    return echo;
  }

  private Fields requireOnly(Collection<String> known) {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw CliErrors.unknownKey(where.isEmpty() ? "" : where + " ", name, known);
      }
    }
    return this;
  }

  /** Whether the object itself has the key, were it null. */
  boolean has(String key) {
    return object.has(key);
  }

  /** Whether the object itself gives the key a value. */
  boolean gives(String key) {
    return object.hasNonNull(key);
  }

  /** Null if left out. */
  JsonNode node(String key) {
    JsonNode node = object.get(key);
    if (node == null || node.isNull()) {
      node = defaults.get(key);
    }
    return node == null || node.isNull() ? null : node;
  }

  /** Null if left out. */
  String text(String key) {
    JsonNode node = node(key);
    if (node == null || node.isTextual()) {
      return node == null ? null : node.textValue();
    }
    throw wrongType(key, node, "a string");
  }

  String requiredText(String key) {
    String text = text(key);
    if (text == null) {
      throw missing(key, "a string");
    }
    return text;
  }

  boolean flag(String key, boolean missing) {
    JsonNode node = node(key);
    if (node == null || node.isBoolean()) {
      return node == null ? missing : node.booleanValue();
    }
    throw wrongType(key, node, "true or false");
  }

  void flag(String key, Consumer<Boolean> target) {
    if (node(key) != null) {
      target.accept(flag(key, false));
    }
  }

  void number(String key, DoubleConsumer target) {
    JsonNode node = node(key);
    if (node != null) {
      target.accept(number(where + key, node));
    }
  }

  static double number(String where, JsonNode node) {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    throw CliErrors.wrongType(where, Json.typeOf(node), "a number");
  }

  void integer(String key, IntConsumer target) {
    JsonNode node = node(key);
    if (node != null) {
      target.accept(integer(where + key, node));
    }
  }

  void integer64(String key, LongConsumer target) {
    JsonNode node = node(key);
    if (node == null) {
      return;
    }
    if (!node.canConvertToExactIntegral() || !node.canConvertToLong()) {
      throw wrongType(key, node, "a 64-bit integer");
    }
    target.accept(node.longValue());
  }

  /** 16.0 is an integer too: tables of numbers often come as floats. */
  private static int integer(String where, JsonNode node) {
    if (node.canConvertToExactIntegral() && node.canConvertToInt()) {
      return node.intValue();
    }
    throw CliErrors.wrongType(where, describe(node), "an integer of 32 bits");
  }

  /** Null if left out. */
  int[] integers(String key) {
    JsonNode node = node(key);
    if (node == null) {
      return null;
    }
    requireList(key, node);
    int[] values = new int[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integer(where + key + "[" + i + "]", node.get(i));
    }
    return values;
  }

  int[] requiredIntegers(String key) {
    int[] values = integers(key);
    if (values == null) {
      throw missing(key, "a list of integers");
    }
    return values;
  }

  float[] requiredFloats(String key) {
    JsonNode node = node(key);
    if (node == null) {
      throw missing(key, "a list of numbers");
    }
    requireList(key, node);
    float[] values = new float[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) number(where + key + "[" + i + "]", node.get(i));
    }
    return values;
  }

  JsonNode requiredList(String key) {
    JsonNode node = node(key);
    if (node == null) {
      throw missing(key, "a list");
    }
    requireList(key, node);
    return node;
  }

  private void requireList(String key, JsonNode node) {
    if (!node.isArray()) {
      throw wrongType(key, node, "a list");
    }
  }

  InvalidRequestException wrongType(String key, JsonNode node, String expected) {
    return CliErrors.wrongType(where + key, describe(node), expected);
  }

  private InvalidRequestException missing(String key, String expected) {
    return CliErrors.wrongType(where + key, "missing", expected);
  }

  private static String describe(JsonNode node) {
    return node.isNumber() ? "the number " + node.asText() : Json.typeOf(node);
  }
}

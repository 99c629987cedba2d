package io.github.gptoss.spark.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An object of a request, read field by field; null is as good as absent. In the end nothing may be
 * left that nobody read: a parameter that would be passed over could change the answer.
 */
final class BodyFields {
  private final ObjectNode json;
  private final String where;
  private final Set<String> known = new HashSet<>();

  BodyFields(ObjectNode json, String where) {
    this.json = json;
    this.where = where;
  }

  private String path(String name) {
    return where + "." + name;
  }

  /** Null where the field is absent. */
  JsonNode node(String name) {
    known.add(name);
    JsonNode node = json.get(name);
    return node == null || node.isNull() ? null : node;
  }

  private JsonNode node(String name, Predicate<JsonNode> right, String expected) {
    JsonNode node = node(name);
    if (node != null && !right.test(node)) {
      throw BatchErrors.wrongType(path(name), expected);
    }
    return node;
  }

  String text(String name) {
    JsonNode node = node(name, JsonNode::isTextual, "a string");
    return node == null ? null : node.textValue();
  }

  /** The number's text, which the option of the same meaning reads. */
  String number(String name) {
    JsonNode node = node(name, JsonNode::isNumber, "a number");
    return node == null ? null : node.asText();
  }

  /** The integer's text; 100.0 is the integer 100. */
  String integer(String name) {
    JsonNode node = node(name);
    if (node == null) {
      return null;
    }
    JsonNode integer = integral(node);
    if (!integer.isIntegralNumber()) {
      throw BatchErrors.wrongType(path(name), "an integer");
    }
    return integer.asText();
  }

  /** Tables of numbers often come as floats: 16.0 is as good as 16, as in {@code bin/gptoss}. */
  private static JsonNode integral(JsonNode node) {
    return node.isFloatingPointNumber()
            && node.canConvertToExactIntegral()
            && node.canConvertToLong()
        ? BigIntegerNode.valueOf(BigInteger.valueOf(node.longValue()))
        : node;
  }

  JsonNode array(String name) {
    return node(name, JsonNode::isArray, "a list");
  }

  JsonNode object(String name) {
    return node(name, JsonNode::isObject, "an object");
  }

  /** The fields of an object; null where it is absent. */
  BodyFields fields(String name) {
    JsonNode object = object(name);
    return object == null ? null : new BodyFields((ObjectNode) object, path(name));
  }

  JsonNode required(String name, Predicate<JsonNode> right, String expected) {
    JsonNode node = node(name, right, expected);
    if (node == null) {
      throw BatchErrors.missing(path(name), expected);
    }
    return node;
  }

  /** Fields that change nothing about an answer. */
  void ignore(String... names) {
    known.addAll(Arrays.asList(names));
  }

  /** A field that is served with one value alone. */
  void only(String name, JsonNode served) {
    JsonNode node = node(name);
    if (node != null && !isSame(node, served)) {
      throw BatchErrors.unsupported(path(name), "is served as " + served + " only: leave it out");
    }
  }

  private static boolean isSame(JsonNode node, JsonNode served) {
    return node.equals(served)
        || (served.isIntegralNumber()
            && integral(node).isIntegralNumber()
            && integral(node).bigIntegerValue().equals(served.bigIntegerValue()));
  }

  /** Fields that ask for what is not served. */
  void refuse(String... names) {
    for (String name : names) {
      JsonNode node = node(name);
      if (node != null && !(node.isContainerNode() && node.isEmpty())) {
        throw BatchErrors.unsupported(path(name), "is not served: leave it out");
      }
    }
  }

  /** Refuses what has not been read. */
  void end() {
    for (String name : (Iterable<String>) json::fieldNames) {
      if (!known.contains(name) && !json.get(name).isNull()) {
        throw BatchErrors.unknown(name, List.copyOf(known));
      }
    }
  }
}

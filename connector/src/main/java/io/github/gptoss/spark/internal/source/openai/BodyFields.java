package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An object of a request, read field by field; null is as good as absent. In the end every field
 * has to have been read: a parameter that would be passed over could change the answer.
 */
final class BodyFields {
  private final ObjectNode json;
  private final String where;
  private final Set<String> known = new HashSet<>();
  private final Map<String, BodyFields> objects = new HashMap<>();

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

  /**
   * A value that an option of this kind takes; null where it is absent.
   *
   * @param path a field's name, or the names of objects and then the field, parted by dots
   */
  JsonNode value(String path, OptionKey.Kind kind) {
    int dot = path.indexOf('.');
    if (dot >= 0) {
      BodyFields object = fields(path.substring(0, dot));
      return object == null ? null : object.value(path.substring(dot + 1), kind);
    }
    return switch (kind) {
      case STRING -> node(path, JsonNode::isTextual, "a string");
      case STRING_LIST ->
          node(path, n -> n.isTextual() || n.isArray(), "a string or a list of strings");
      case FLAG_OR_NAMES ->
          node(
              path,
              n -> n.isBoolean() || n.isTextual() || n.isArray(),
              "true, false, a string or a list of strings");
      case JSON_OBJECT, NUMBERS_BY_TOKEN -> node(path, JsonNode::isObject, "an object");
      case JSON_ARRAY -> node(path, JsonNode::isArray, "a list");
      case INT, LONG, BYTES, DURATION -> integer(path);
      case DOUBLE -> node(path, JsonNode::isNumber, "a number");
      case BOOLEAN -> node(path, JsonNode::isBoolean, "true or false");
    };
  }

  private JsonNode integer(String name) {
    JsonNode node = node(name);
    if (node != null && !integral(node).isIntegralNumber()) {
      throw BatchErrors.wrongType(path(name), "an integer");
    }
    return node == null ? null : integral(node);
  }

  /** Tables of numbers often come as floats: 16.0 is as good as 16, as in {@code bin/gptoss}. */
  private static JsonNode integral(JsonNode node) {
    return node.isFloatingPointNumber()
            && node.canConvertToExactIntegral()
            && node.canConvertToLong()
        ? BigIntegerNode.valueOf(BigInteger.valueOf(node.longValue()))
        : node;
  }

  /** The fields of an object; null where it is absent. */
  BodyFields fields(String name) {
    JsonNode object = node(name, JsonNode::isObject, "an object");
    return object == null
        ? null
        : objects.computeIfAbsent(name, n -> new BodyFields((ObjectNode) object, path(n)));
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

  /** Refuses what has not been read, here and in the objects that were read field by field. */
  void end() {
    objects.values().forEach(BodyFields::end);
    for (String name : (Iterable<String>) json::fieldNames) {
      if (!known.contains(name) && !json.get(name).isNull()) {
        throw BatchErrors.unknown(name, List.copyOf(known));
      }
    }
  }
}

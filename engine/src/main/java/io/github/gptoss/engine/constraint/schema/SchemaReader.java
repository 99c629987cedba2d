package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.lexeme.NumberBounds;
import io.github.gptoss.engine.constraint.schema.Literals.Literal;
import io.github.gptoss.engine.constraint.schema.SchemaNode.Combination;
import io.github.gptoss.engine.constraint.schema.SchemaNode.Group;
import io.github.gptoss.engine.constraint.schema.SchemaNode.Type;
import io.github.gptoss.engine.constraint.text.Formats;
import io.github.gptoss.engine.constraint.text.PatternException;
import io.github.gptoss.engine.constraint.text.Patterns;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the schemas that can be reached from the root of a JSON Schema (2020-12), and refuses what
 * is invalid or cannot be guaranteed.
 */
final class SchemaReader {
  private static final int MAX_SCHEMAS = 20_000;
  private static final int MAX_DIGITS = 1_000;

  private static final Set<String> UNSUPPORTED =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "dependentRequired",
          "dependentSchemas",
          "dependencies",
          "contains",
          "minContains",
          "maxContains",
          "propertyNames",
          "unevaluatedProperties",
          "unevaluatedItems",
          "additionalItems",
          "$dynamicRef",
          "$dynamicAnchor",
          "$recursiveRef",
          "$recursiveAnchor");

  /** Keywords that say something without being enforced. */
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$comment",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$schema",
          "$id",
          "$anchor",
          "$defs",
          "definitions",
          "$vocabulary",
          "contentEncoding",
          "contentMediaType",
          "contentSchema");

  private static final Pattern ANCHOR = Pattern.compile("[A-Za-z_][-A-Za-z0-9._]*");

  private final JsonNode root;
  private final Map<String, SchemaNode> nodes = new HashMap<>();
  private final Deque<Runnable> unread = new ArrayDeque<>();
  private final Set<String> ignored = new LinkedHashSet<>();

  private SchemaReader(JsonNode root) {
    this.root = root;
  }

  /** The root of a schema, and what of it is ignored. */
  record Result(SchemaNode root, Set<String> ignored) {}

  static Result read(JsonNode schema) {
    SchemaReader reader = new SchemaReader(schema);
    SchemaNode node = reader.node(schema, "", "schema");
    while (!reader.unread.isEmpty()) {
      reader.unread.remove().run();
    }
    return new Result(node, reader.ignored);
  }

  private SchemaNode node(JsonNode json, String path, String keyword) {
    SchemaNode known = nodes.get(path);
    if (known == null) {
      if (!json.isObject() && !json.isBoolean()) {
        throw SchemaErrors.invalid(keyword, path, "a schema: an object or a boolean");
      }
      if (nodes.size() == MAX_SCHEMAS) {
        throw SchemaErrors.tooLarge(
            keyword, path, String.format("it holds more than %,d schemas", MAX_SCHEMAS));
      }
      known = new SchemaNode(path);
      nodes.put(path, known);
      SchemaNode fresh = known;
      unread.add(() -> fill(fresh, json));
    }
    return known;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private void fill(SchemaNode node, JsonNode json) {
    if (json.isBoolean()) {
      node.isNever = !json.booleanValue();
      return;
    }
    json.fieldNames()
        .forEachRemaining(
            keyword -> {
              if (UNSUPPORTED.contains(keyword)) {
                throw SchemaErrors.unsupported(
                    keyword, node.at(keyword), "no automaton over the text decides it");
              }
            });
    EnumSet<Type> asserted = EnumSet.noneOf(Type.class);
    String members = json.has("properties") ? "properties" : "required";
    boolean isBehindMembers = !json.has(members);
    for (Iterator<Map.Entry<String, JsonNode>> fields = json.fields(); fields.hasNext(); ) {
      Map.Entry<String, JsonNode> field = fields.next();
      String keyword = field.getKey();
      isBehindMembers |= keyword.equals(members);
      Group group = group(node, keyword, field.getValue());
      if (group != null) {
        (isBehindMembers ? node.groupsBehind : node.groupsBefore).add(group);
      } else {
        Type type = assertion(node, keyword, field.getValue());
        if (type != null) {
          asserted.add(type);
        }
      }
    }
    bounds(node, json);
    if (node.types == null && node.literals == null && asserted.size() == 1) {
      node.types = asserted;
    }
  }

  private Group group(SchemaNode node, String keyword, JsonNode value) {
    return switch (keyword) {
      case "allOf" -> new Group(Combination.ALL_OF, keyword, schemas(node, keyword, value, false));
      case "anyOf" -> new Group(Combination.ANY_OF, keyword, schemas(node, keyword, value, false));
      case "oneOf" -> new Group(Combination.ONE_OF, keyword, schemas(node, keyword, value, false));
      case "$ref" -> new Group(Combination.REF, keyword, List.of(reference(node, value)));
      default -> null;
    };
  }

  private List<SchemaNode> schemas(
      SchemaNode node, String keyword, JsonNode value, boolean canBeEmpty) {
    if (!value.isArray() || value.isEmpty() && !canBeEmpty) {
      throw SchemaErrors.invalid(keyword, node.at(keyword), "a non-empty array of schemas");
    }
    List<SchemaNode> members = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      members.add(node(value.get(i), node.at(keyword) + "/" + i, keyword));
    }
    return members;
  }

  private SchemaNode reference(SchemaNode node, JsonNode value) {
    if (!value.isTextual()) {
      throw SchemaErrors.invalid("$ref", node.at("$ref"), "a string");
    }
    String ref = value.textValue();
    if (!ref.equals("#") && !ref.startsWith("#/")) {
      throw SchemaErrors.unsupported(
          "$ref",
          node.at("$ref"),
          "it leads out of the schema or to an anchor, and only # and #/pointer are followed");
    }
    String pointer = decoded(ref.substring(1));
    JsonNode target = root;
    for (String step : pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1)) {
      String name = step.replace("~1", "/").replace("~0", "~");
      target =
          target.isArray()
              ? name.matches("0|[1-9][0-9]{0,8}") ? target.path(Integer.parseInt(name)) : null
              : target.path(name);
      if (target == null || target.isMissingNode()) {
        throw SchemaErrors.invalid("$ref", node.at("$ref"), "a pointer to a schema that exists");
      }
    }
    return node(target, pointer, "$ref");
  }

  private static String decoded(String fragment) {
    try {
      return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return fragment;
    }
  }

  /** Reads a keyword; returns the type that it says something about, null for none. */
  private Type assertion(SchemaNode node, String keyword, JsonNode value) {
    switch (keyword) {
      case "type" -> type(node, value);
      case "enum" -> {
        if (!value.isArray()) {
          throw SchemaErrors.invalid(keyword, node.at(keyword), "an array of values");
        }
        requireModest(value, node.at(keyword), keyword);
        list(node, Literals.of(value));
      }
      case "const" -> {
        requireModest(value, node.at(keyword), keyword);
        list(node, Literals.of(List.of(value)));
      }
      case "minLength" -> node.minLength = count(node, keyword, value);
      case "maxLength" -> node.maxLength = count(node, keyword, value);
      case "pattern" -> {
        node.pattern = text(node, keyword, value);
        requireRegular(node.pattern, node.at(keyword));
      }
      case "format" -> {
        return format(node, text(node, keyword, value)) ? Type.STRING : null;
      }
      case "prefixItems" -> node.prefixItems.addAll(schemas(node, keyword, value, false));
      case "items" -> node.items = node(value, node.at(keyword), keyword);
      case "minItems" -> node.minItems = count(node, keyword, value);
      case "maxItems" -> node.maxItems = count(node, keyword, value);
      case "uniqueItems" -> node.isUnique = flag(node, keyword, value);
      case "properties" -> members(node, keyword, value, node.properties);
      case "patternProperties" -> {
        members(node, keyword, value, node.patternProperties);
        for (String pattern : node.patternProperties.keySet()) {
          requireRegular(pattern, node.at(keyword));
        }
      }
      case "additionalProperties" ->
          node.additionalProperties = node(value, node.at(keyword), keyword);
      case "required" -> required(node, value);
      case "minProperties" -> node.minProperties = count(node, keyword, value);
      case "maxProperties" -> node.maxProperties = count(node, keyword, value);
      case "$id" -> {
        annotation(node, keyword, value);
        if (!node.path.isEmpty()) {
          throw SchemaErrors.unsupported(
              keyword, node.at(keyword), "it would change what $ref means below it");
        }
      }
      default -> {
        if (ANNOTATIONS.contains(keyword)) {
          annotation(node, keyword, value);
        } else if (!isBound(keyword)) {
          ignored.add(keyword);
        }
      }
    }
    return typeOf(keyword);
  }

  /** Patterns are looked at here, so that they are refused also where no string fits. */
  private static void requireRegular(String pattern, String path) {
    try {
      Patterns.check(pattern);
    } catch (PatternException e) {
      throw SchemaErrors.ofPattern(e, path);
    }
  }

  /** Annotations say nothing, but the meta-schema gives them types. */
  private static void annotation(SchemaNode node, String keyword, JsonNode value) {
    boolean isValid =
        switch (keyword) {
          case "deprecated", "readOnly", "writeOnly" -> value.isBoolean();
          case "examples" -> value.isArray();
          case "$defs", "definitions", "$vocabulary" -> value.isObject();
          case "contentSchema" -> value.isObject() || value.isBoolean();
          case "$anchor" -> value.isTextual() && ANCHOR.matcher(value.textValue()).matches();
          case "default" -> true;
          default -> value.isTextual();
        };
    if (!isValid) {
      throw SchemaErrors.invalid(
          keyword, node.at(keyword), "what the meta-schema of JSON Schema says of it");
    }
  }

  private static void list(SchemaNode node, Set<Literal> values) {
    node.literals = node.literals == null ? values : Literals.both(node.literals, values);
  }

  private static boolean isBound(String keyword) {
    return typeOf(keyword) == Type.NUMBER;
  }

  private static Type typeOf(String keyword) {
    return switch (keyword) {
      case "minLength", "maxLength", "pattern" -> Type.STRING;
      case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" ->
          Type.NUMBER;
      case "prefixItems", "items", "minItems", "maxItems", "uniqueItems" -> Type.ARRAY;
      case "properties",
          "patternProperties",
          "additionalProperties",
          "required",
          "minProperties",
          "maxProperties" ->
          Type.OBJECT;
      default -> null;
    };
  }

  private static void type(SchemaNode node, JsonNode value) {
    List<JsonNode> names = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(names::add);
    } else {
      names.add(value);
    }
    node.types = EnumSet.noneOf(Type.class);
    boolean isNumber = false;
    for (JsonNode name : names) {
      String text = name.isTextual() ? name.textValue() : "";
      switch (text) {
        case "null" -> node.types.add(Type.NULL);
        case "boolean" -> node.types.add(Type.BOOLEAN);
        case "integer", "number" -> node.types.add(Type.NUMBER);
        case "string" -> node.types.add(Type.STRING);
        case "array" -> node.types.add(Type.ARRAY);
        case "object" -> node.types.add(Type.OBJECT);
        default ->
            throw SchemaErrors.invalid(
                "type",
                node.at("type"),
                "null, boolean, integer, number, string, array or object, or an array of these");
      }
      isNumber |= text.equals("number");
    }
    if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
      throw SchemaErrors.invalid(
          "type", node.at("type"), "a type or a non-empty array of distinct types");
    }
    node.isInteger = node.types.contains(Type.NUMBER) && !isNumber;
  }

  /** Whether a format is enforced. */
  private boolean format(SchemaNode node, String format) {
    if (Formats.isUnsupported(format)) {
      throw SchemaErrors.unsupported(
          "format",
          node.at("format"),
          format + " is none of the guaranteed formats " + String.join(", ", Formats.names()));
    }
    if (!Formats.names().contains(format)) {
      ignored.add("format " + format);
      return false;
    }
    node.format = format;
    return true;
  }

  private static String text(SchemaNode node, String keyword, JsonNode value) {
    if (!value.isTextual()) {
      throw SchemaErrors.invalid(keyword, node.at(keyword), "a string");
    }
    return value.textValue();
  }

  private static boolean flag(SchemaNode node, String keyword, JsonNode value) {
    if (!value.isBoolean()) {
      throw SchemaErrors.invalid(keyword, node.at(keyword), "a boolean");
    }
    return value.booleanValue();
  }

  /** A count may be written 2.0; what is beyond the largest count is that. */
  private static int count(SchemaNode node, String keyword, JsonNode value) {
    BigDecimal count = value.isNumber() ? value.decimalValue() : null;
    if (count == null || count.signum() < 0 || count.stripTrailingZeros().scale() > 0) {
      throw SchemaErrors.invalid(keyword, node.at(keyword), "an integer of at least 0");
    }
    return count.min(BigDecimal.valueOf(SchemaNode.UNBOUNDED)).intValue();
  }

  private void members(
      SchemaNode node, String keyword, JsonNode value, Map<String, SchemaNode> into) {
    if (!value.isObject()) {
      throw SchemaErrors.invalid(keyword, node.at(keyword), "an object of schemas");
    }
    value
        .fields()
        .forEachRemaining(
            member ->
                into.put(
                    member.getKey(),
                    node(
                        member.getValue(),
                        node.at(keyword) + "/" + escaped(member.getKey()),
                        keyword)));
  }

  private static void required(SchemaNode node, JsonNode value) {
    boolean isValid = value.isArray();
    Set<String> names = new HashSet<>();
    for (JsonNode name : value) {
      isValid &= name.isTextual() && names.add(name.textValue());
      node.required.add(name.asText());
    }
    if (!isValid) {
      throw SchemaErrors.invalid("required", node.at("required"), "an array of distinct strings");
    }
  }

  private static void bounds(SchemaNode node, JsonNode json) {
    BigDecimal min = number(node, json, "minimum");
    BigDecimal max = number(node, json, "maximum");
    BigDecimal above = number(node, json, "exclusiveMinimum");
    BigDecimal below = number(node, json, "exclusiveMaximum");
    BigDecimal step = number(node, json, "multipleOf");
    if (step != null && step.signum() <= 0) {
      throw SchemaErrors.invalid("multipleOf", node.at("multipleOf"), "a number above 0");
    }
    node.number =
        new NumberBounds(node.isInteger, min, false, max, false, step)
            .and(new NumberBounds(false, above, true, below, true, null));
  }

  private static BigDecimal number(SchemaNode node, JsonNode json, String keyword) {
    JsonNode value = json.get(keyword);
    if (value == null) {
      return null;
    }
    if (!value.isNumber()) {
      throw SchemaErrors.invalid(keyword, node.at(keyword), "a number");
    }
    requireModest(value, node.at(keyword), keyword);
    return value.decimalValue();
  }

  /** Numbers far beyond doubles would be written out digit by digit. */
  private static void requireModest(JsonNode value, String path, String keyword) {
    if (value.isNumber()) {
      boolean isFinite = !value.isDouble() || Double.isFinite(value.doubleValue());
      BigDecimal number = isFinite ? value.decimalValue() : BigDecimal.ZERO;
      if (!isFinite || Math.abs((long) number.scale()) + number.precision() > MAX_DIGITS) {
        throw SchemaErrors.tooLarge(
            keyword, path, "a number has more than " + MAX_DIGITS + " digits");
      }
    }
    value.forEach(inner -> requireModest(inner, path, keyword));
  }
}

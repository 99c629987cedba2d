package io.github.gptoss.engine.constraint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Schemas of all kinds that are guaranteed, nested a few levels deep. */
final class RandomSchemas {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final List<String> NAMES = List.of("a", "ab", "name", "ü", "x y", "\"q\"");
  private static final List<String> PATTERNS =
      List.of("^[a-c]{1,3}$", "b", "^\\d+(\\.\\d{2})?$", "^a.*z$", "[^a-z]$");
  private static final List<String> FORMATS =
      List.of("date", "time", "date-time", "ipv4", "uuid", "duration", "hostname");

  private final Random random;

  RandomSchemas(Random random) {
    this.random = random;
  }

  ObjectNode schema(int depth) {
    return switch (random.nextInt(depth > 0 ? 14 : 8)) {
      case 0 -> string();
      case 1 -> number();
      case 2 -> JSON.objectNode().put("type", "boolean");
      case 3 -> JSON.objectNode().put("type", "null");
      case 4 -> listed();
      case 5 -> string();
      case 6 -> number();
      case 7 -> listedAmong();
      case 8 -> array(depth);
      case 9 -> anyOf(depth);
      case 10 -> allOf(depth);
      case 11 -> oneOf(depth);
      default -> object(depth);
    };
  }

  private ObjectNode string() {
    ObjectNode schema = JSON.objectNode().put("type", "string");
    switch (random.nextInt(4)) {
      case 0 -> schema.put("minLength", random.nextInt(3)).put("maxLength", 3 + random.nextInt(5));
      case 1 -> schema.put("pattern", PATTERNS.get(random.nextInt(PATTERNS.size())));
      case 2 -> schema.put("format", FORMATS.get(random.nextInt(FORMATS.size())));
      default -> schema.put("maxLength", 20);
    }
    return schema;
  }

  private ObjectNode number() {
    boolean isInteger = random.nextBoolean();
    ObjectNode schema = JSON.objectNode().put("type", isInteger ? "integer" : "number");
    int low = random.nextInt(200) - 100;
    if (random.nextInt(3) > 0) {
      schema.put(random.nextBoolean() ? "minimum" : "exclusiveMinimum", low);
    }
    if (random.nextInt(3) > 0) {
      schema.put(
          random.nextBoolean() ? "maximum" : "exclusiveMaximum", low + 20 + random.nextInt(900));
    }
    if (schema.size() == 3 && random.nextInt(3) == 0) {
      // With both bounds only: the validator divides doubles, which is wrong for many digits.
      schema.put("multipleOf", isInteger ? 1 + random.nextInt(9) : 0.25);
    }
    return schema;
  }

  private ObjectNode listed() {
    ArrayNode values = JSON.arrayNode().add("a").add("ab").add("say \"hi\"\n").add(7).add(2.5);
    values.addNull().add(true);
    values.addObject().put("k", 1).putArray("l").add("m");
    for (int drop = random.nextInt(6); drop > 0; drop--) {
      values.remove(random.nextInt(values.size()));
    }
    return JSON.objectNode().set("enum", values);
  }

  /** Listed values beside conditions that some of them do not fit. */
  private ObjectNode listedAmong() {
    ObjectNode schema = listed();
    ArrayNode values = (ArrayNode) schema.get("enum");
    values.addArray().add(1).add("a");
    values.addArray().add(random.nextInt(9));
    values.addObject().put("k", random.nextInt(3));
    schema.putObject("items").put("maximum", 4);
    schema.put("minLength", random.nextInt(3));
    schema.putObject("properties").putObject("k").put("type", "integer").put("minimum", 1);
    return schema.put("additionalProperties", random.nextBoolean());
  }

  /** Branches of other types, and objects that a member tells apart, in any order. */
  private ObjectNode oneOf(int depth) {
    List<ObjectNode> branches = new ArrayList<>();
    for (String tag : List.of("one", "two")) {
      ObjectNode branch = object(depth - 1);
      ((ObjectNode) branch.get("properties")).putObject("tag").put("const", tag);
      ((ArrayNode) branch.get("required")).add("tag");
      branches.add(branch);
    }
    branches.add(string());
    branches.add(number());
    Collections.shuffle(branches, random);
    ObjectNode schema = JSON.objectNode();
    branches.subList(0, 2 + random.nextInt(3)).forEach(schema.withArray("oneOf")::add);
    return schema;
  }

  private ObjectNode array(int depth) {
    ObjectNode schema = JSON.objectNode().put("type", "array");
    if (random.nextInt(3) == 0) {
      ArrayNode first = schema.putArray("prefixItems");
      first.add(schema(depth - 1)).add(schema(depth - 1));
    }
    if (random.nextInt(4) == 0 && !schema.has("prefixItems")) {
      schema.putObject("items").putArray("enum").add("p").add("q").add("r");
      schema.put("uniqueItems", true);
    } else {
      schema.set("items", schema(depth - 1));
    }
    int min = random.nextInt(3);
    return schema.put("minItems", min).put("maxItems", min + random.nextInt(3));
  }

  private ObjectNode anyOf(int depth) {
    ObjectNode schema = JSON.objectNode();
    schema.putArray("anyOf").add(schema(depth - 1)).add(schema(depth - 1));
    return schema;
  }

  private ObjectNode allOf(int depth) {
    ObjectNode schema = JSON.objectNode();
    schema.putArray("allOf").add(object(depth - 1)).add(object(depth - 1));
    return schema;
  }

  ObjectNode object(int depth) {
    ObjectNode schema = JSON.objectNode().put("type", "object");
    ObjectNode members = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (String name : NAMES) {
      if (random.nextInt(3) == 0) {
        members.set(name, schema(Math.max(0, depth - 1)));
        if (random.nextBoolean()) {
          required.add(name);
        }
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> schema.set("additionalProperties", schema(0));
      case 1 -> schema.put("additionalProperties", false);
      case 2 -> {
        schema.putObject("patternProperties").set("^n_", schema(0));
        schema.put("additionalProperties", false);
      }
      default -> {
        // Closed where it has members.
      }
    }
    if (random.nextInt(4) == 0) {
      schema.put("minProperties", 1).put("maxProperties", 4);
    }
    return schema;
  }
}

package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A JSON schema as the TypeScript-like type that the models were trained on; openai-harmony 0.0.8
 * decides every line break. Parts of a schema that it does not know are left out.
 */
final class TypeScriptTypes {
  private final StringBuilder out = new StringBuilder();

  private TypeScriptTypes() {}

  static String of(JsonNode schema) {
    return typeOf(schema, "");
  }

  private static String typeOf(JsonNode schema, String indent) {
    JsonNode oneOf = schema.path("oneOf");
    if (oneOf.isArray()) {
      return unionOf(oneOf, indent);
    }
    String listed = listedTypes(schema.path("type"));
    if (!listed.isEmpty()) {
      return listed;
    }
    return switch (schema.path("type").asText()) {
      case "object" -> new TypeScriptTypes().object(schema, indent);
      case "string" -> stringType(schema);
      case "number", "integer" -> "number";
      case "boolean" -> "boolean";
      case "array" ->
          schema.has("items") ? typeOf(schema.get("items"), indent) + "[]" : "Array<any>";
      default -> "any";
    };
  }

  private static String unionOf(JsonNode variants, String indent) {
    StringBuilder union = new StringBuilder();
    for (JsonNode variant : variants) {
      List<String> comments = new ArrayList<>();
      addIfText(variant.path("description"), comments);
      JsonNode value = variant.path("default");
      if (!value.isMissingNode()) {
        // Unlike elsewhere, an enum's default keeps its quotes here.
        boolean plain = value.isTextual() && !isEnum(variant);
        comments.add("default: " + (plain ? quoted(value) : JsonText.of(value)));
      }
      union.append('\n').append(indent).append(" | ").append(nullableType(variant, indent + "   "));
      appendComments(comments, union);
    }
    return union.toString();
  }

  private static String listedTypes(JsonNode types) {
    List<String> names = new ArrayList<>();
    if (types.isArray()) {
      for (JsonNode type : types) {
        if (type.isTextual()) {
          names.add(type.textValue().equals("integer") ? "number" : type.textValue());
        }
      }
    }
    return String.join(" | ", names);
  }

  private static String stringType(JsonNode schema) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : arrayOrEmpty(schema.path("enum"))) {
      if (value.isTextual()) {
        values.add(quoted(value));
      }
    }
    return values.isEmpty() ? "string" : String.join(" | ", values);
  }

  private String object(JsonNode schema, String indent) {
    commentIfText(schema.path("description"), indent);
    out.append("{\n");
    Set<String> required = new HashSet<>();
    for (JsonNode name : arrayOrEmpty(schema.path("required"))) {
      if (name.isTextual()) {
        required.add(name.textValue());
      }
    }
    Iterator<Map.Entry<String, JsonNode>> properties = schema.path("properties").fields();
    while (properties.hasNext()) {
      Map.Entry<String, JsonNode> property = properties.next();
      String name = property.getKey() + (required.contains(property.getKey()) ? "" : "?");
      property(name, property.getValue(), indent);
    }
    return out.append(indent).append('}').toString();
  }

  private void property(String name, JsonNode schema, String indent) {
    if (schema.path("title").isTextual()) {
      comment(schema.get("title").textValue(), indent);
      out.append(indent).append("//\n");
    }
    if (!schema.has("oneOf")) {
      commentIfText(schema.path("description"), indent);
    }
    examples(schema.path("examples"), indent);
    if (schema.path("oneOf").isArray()) {
      unionProperty(name, schema, indent);
      return;
    }
    out.append(indent).append(name).append(": ");
    out.append(nullableType(schema, indent + "    ")).append(',');
    if (schema.has("default") && !schema.has("oneOf")) {
      out.append(" // ").append(defaultComment(schema));
    }
    out.append('\n');
  }

  /** A property of several types: one line a type, each with its own comment. */
  private void unionProperty(String name, JsonNode schema, String indent) {
    JsonNode variants = schema.get("oneOf");
    JsonNode description = schema.path("description");
    JsonNode firstDescription = variants.path(0).path("description");
    boolean describedAbove =
        description.isTextual()
            && !(firstDescription.isTextual() && firstDescription.equals(description));
    if (describedAbove) {
      comment(description.textValue(), indent);
    }
    if (schema.has("default")) {
      comment(defaultComment(schema), indent);
    }
    out.append(indent).append(name).append(":\n");
    for (int i = 0; i < variants.size(); i++) {
      JsonNode variant = variants.get(i);
      List<String> comments = new ArrayList<>();
      boolean repeated = variant.path("description").equals(description);
      if (!(i == 0 && describedAbove) && !repeated) {
        addIfText(variant.path("description"), comments);
      }
      if (variant.has("default")) {
        comments.add(defaultComment(variant));
      }
      out.append(indent).append(" | ").append(nullableType(variant, indent + "   "));
      appendComments(comments, out);
      out.append('\n');
    }
    out.append(indent).append(",\n");
  }

  private void examples(JsonNode examples, String indent) {
    if (!examples.isArray() || examples.isEmpty()) {
      return;
    }
    comment("Examples:", indent);
    for (JsonNode example : examples) {
      if (example.isTextual()) {
        comment("- " + quoted(example), indent);
      }
    }
  }

  private void commentIfText(JsonNode text, String indent) {
    if (text.isTextual()) {
      comment(text.textValue(), indent);
    }
  }

  private void comment(String text, String indent) {
    out.append(indent).append("// ").append(text).append('\n');
  }

  private static String nullableType(JsonNode schema, String indent) {
    String type = typeOf(schema, indent);
    JsonNode nullable = schema.path("nullable");
    boolean addsNull = nullable.isBoolean() && nullable.booleanValue() && !type.contains("null");
    return addsNull ? type + " | null" : type;
  }

  private static String defaultComment(JsonNode schema) {
    JsonNode value = schema.get("default");
    if (!value.isTextual()) {
      return "default: " + JsonText.of(value);
    }
    return "default: " + (isEnum(schema) ? value.textValue() : quoted(value));
  }

  private static boolean isEnum(JsonNode schema) {
    return !arrayOrEmpty(schema.path("enum")).isEmpty();
  }

  private static JsonNode arrayOrEmpty(JsonNode node) {
    return node.isArray() ? node : MissingNode.getInstance();
  }

  private static void addIfText(JsonNode text, List<String> to) {
    if (text.isTextual()) {
      to.add(text.textValue());
    }
  }

  private static void appendComments(List<String> comments, StringBuilder to) {
    if (!comments.isEmpty()) {
      to.append(" // ").append(String.join(" ", comments));
    }
  }

  private static String quoted(JsonNode text) {
    return '"' + text.textValue() + '"';
  }
}

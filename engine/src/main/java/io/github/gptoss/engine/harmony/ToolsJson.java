package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** OpenAI's JSON of the request parameters {@code tools} and {@code response_format}. */
final class ToolsJson {
  private static final JsonReader READER = JsonReader.PARAMETER;

  private ToolsJson() {}

  /**
   * Reads {@code [{"type": "function", "function": {"name", "description", "parameters"}}]}; the
   * function's keys may also stand beside {@code type}, as in OpenAI's Responses API.
   */
  static List<ToolDescription> tools(JsonNode json) {
    return READER.objects(json, "tools", ToolsJson::tool);
  }

  private static ToolDescription tool(ObjectNode json, String where) {
    if (!READER.requiredText(json, "type", where).equals("function")) {
      throw READER.error(where + ".type", "it must be function; other tools are not supported");
    }
    if (!json.has("function")) {
      return description(READER, json, where);
    }
    String within = where + ".function";
    return description(READER, READER.object(json.get("function"), within), within);
  }

  static ToolDescription description(JsonReader reader, ObjectNode json, String where) {
    String description = reader.optionalText(json, "description", where);
    JsonNode parameters = json.get("parameters");
    return new ToolDescription(
        reader.requiredText(json, "name", where),
        description == null ? "" : description,
        JsonReader.isAbsent(parameters) ? null : reader.object(parameters, where + ".parameters"),
        strict(reader, json.get("strict"), where));
  }

  private static boolean strict(JsonReader reader, JsonNode strict, String where) {
    if (JsonReader.isAbsent(strict)) {
      return false;
    }
    if (!strict.isBoolean()) {
      throw reader.error(where + ".strict", "it must be true or false");
    }
    return strict.booleanValue();
  }

  /**
   * Reads {@code {"type": "json_schema", "json_schema": {"name", "schema", "description"}}} or
   * another type, which the model is told nothing of and which gives null.
   */
  static ResponseFormat responseFormat(JsonNode json) {
    String where = "response_format";
    ObjectNode format = READER.object(json, where);
    return switch (READER.requiredText(format, "type", where)) {
      // The models know no words for any JSON object: its form is guaranteed without them.
      case "text", "json_object" -> null;
      case "json_schema" -> {
        if (format.has("json_schema")) {
          where += ".json_schema";
          format = READER.object(format.get("json_schema"), where);
        }
        yield new ResponseFormat(
            READER.requiredText(format, "name", where),
            READER.optionalText(format, "description", where),
            READER.object(format.get("schema"), where + ".schema"));
      }
      default -> throw READER.error(where + ".type", "it must be text, json_object or json_schema");
    };
  }
}

package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Set;

/**
 * Takes the names of a conversation's fields in any case, as SQL takes the names of columns and
 * fields. A field that is named exactly is stronger than one that differs in case. Arguments of
 * calls, tools and other JSON of the caller's stay as they are.
 */
final class MessageFields {
  private static final String LIST = "messages";
  private static final Set<String> MESSAGE =
      Set.of(
          "role",
          "name",
          "content",
          "channel",
          "recipient",
          "content_type",
          "reasoning",
          "reasoning_content",
          "thinking",
          "refusal",
          "tool_calls",
          "tool_call_id",
          "function_call");
  private static final Set<String> PART = Set.of("type", "text", "refusal");
  private static final Set<String> CALL = Set.of("id", "type", "function");
  private static final Set<String> FUNCTION = Set.of("name", "arguments");

  private MessageFields() {}

  /** The same messages, or object that holds them, with the fields' own names. */
  static JsonNode named(JsonNode json) {
    if (json instanceof ObjectNode object) {
      ObjectNode named = named(object, Set.of(LIST));
      replace(named, LIST, list(named.get(LIST), MessageFields::message));
      return named;
    }
    return list(json, MessageFields::message);
  }

  private interface Naming {
    ObjectNode name(ObjectNode object);
  }

  private static JsonNode list(JsonNode json, Naming naming) {
    if (!(json instanceof ArrayNode list)) {
      return json;
    }
    ArrayNode named = JsonNodeFactory.instance.arrayNode(list.size());
    for (JsonNode element : list) {
      named.add(element instanceof ObjectNode object ? naming.name(object) : element);
    }
    return named;
  }

  private static ObjectNode message(ObjectNode json) {
    ObjectNode message = named(json, MESSAGE);
    replace(message, "content", list(message.get("content"), part -> named(part, PART)));
    replace(message, "tool_calls", list(message.get("tool_calls"), MessageFields::call));
    replace(message, "function_call", function(message.get("function_call")));
    return message;
  }

  private static ObjectNode call(ObjectNode json) {
    ObjectNode call = named(json, CALL);
    replace(call, "function", function(call.get("function")));
    return call;
  }

  private static JsonNode function(JsonNode json) {
    return json instanceof ObjectNode object ? named(object, FUNCTION) : json;
  }

  private static void replace(ObjectNode object, String key, JsonNode value) {
    if (value != null) {
      object.set(key, value);
    }
  }

  /** A copy, one level deep. */
  private static ObjectNode named(ObjectNode json, Set<String> names) {
    ObjectNode named = JsonNodeFactory.instance.objectNode();
    json.fields()
        .forEachRemaining(
            field -> {
              String name = field.getKey().toLowerCase(Locale.ROOT);
              boolean renames = names.contains(name) && !json.has(name);
              named.set(renames ? name : field.getKey(), field.getValue());
            });
    return named;
  }
}

package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * openai-harmony's JSON form of messages. Content is a string or a list of parts of type {@code
 * text}, {@code system_content} or {@code developer_content}. In system content, as there, a
 * missing key means its default and a null leaves the line out. Unknown keys are ignored. One key
 * is ours: {@code response_format} in developer content, with {@code name}, {@code description},
 * {@code schema}.
 */
public final class HarmonyJson {
  private static final JsonReader READER = JsonReader.CONVERSATION;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private HarmonyJson() {}

  /** Reads a list of messages or an object with one; the error's message names the place. */
  public static Conversation read(JsonNode json) {
    return new Conversation(READER.objects(messageList(json), "messages", HarmonyJson::message));
  }

  /** Writes messages so that {@link #read} gives the same ones. */
  public static ArrayNode write(List<Message> messages) {
    ArrayNode list = JSON.arrayNode();
    for (Message message : messages) {
      list.add(write(message));
    }
    return list;
  }

  static JsonNode messageList(JsonNode json) {
    return READER.array(json instanceof ObjectNode ? json.get("messages") : json, "messages");
  }

  private static Message message(ObjectNode json, String where) {
    Role role = Role.fromText(READER.requiredText(json, "role", where));
    if (role == null) {
      throw READER.error(
          where + ".role", "unknown; the roles are system, developer, user, assistant and tool");
    }
    return new Message(
        new Author(role, READER.optionalText(json, "name", where)),
        content(json.get("content"), where + ".content"),
        READER.optionalText(json, "channel", where),
        READER.optionalText(json, "recipient", where),
        READER.optionalText(json, "content_type", where));
  }

  private static List<Content> content(JsonNode json, String where) {
    if (json != null && json.isTextual()) {
      return List.of(new TextContent(json.textValue()));
    }
    if (json == null || !json.isArray()) {
      throw READER.error(where, "it must be a string or a list of parts");
    }
    return READER.objects(json, where, HarmonyJson::part);
  }

  private static Content part(ObjectNode object, String where) {
    return switch (READER.requiredText(object, "type", where)) {
      case "text" -> new TextContent(READER.requiredText(object, "text", where));
      case "system_content" -> system(object, where);
      case "developer_content" -> developer(object, where);
      default ->
          throw READER.error(
              where + ".type", "unknown; the types are text, system_content and developer_content");
    };
  }

  private static SystemContent system(ObjectNode json, String where) {
    SystemContent defaults = SystemContent.defaults();
    return new SystemContent(
        textOr(defaults.modelIdentity(), json, "model_identity", where),
        json.has("reasoning_effort") ? effort(json, where) : defaults.reasoningEffort(),
        READER.optionalText(json, "conversation_start_date", where),
        textOr(defaults.knowledgeCutoff(), json, "knowledge_cutoff", where),
        json.has("channel_config")
            ? channelConfig(json.get("channel_config"), where + ".channel_config")
            : defaults.channelConfig(),
        namespaces(json.get("tools"), where + ".tools"));
  }

  private static String textOr(String missing, ObjectNode json, String key, String where) {
    return json.has(key) ? READER.optionalText(json, key, where) : missing;
  }

  private static ReasoningEffort effort(ObjectNode json, String where) {
    String text = READER.optionalText(json, "reasoning_effort", where);
    ReasoningEffort effort = ReasoningEffort.fromText(text);
    if (effort == null && text != null) {
      throw READER.error(where + ".reasoning_effort", "it must be Low, Medium or High");
    }
    return effort;
  }

  private static ChannelConfig channelConfig(JsonNode json, String where) {
    if (json.isNull()) {
      return null;
    }
    ObjectNode object = READER.object(json, where);
    JsonNode required = object.get("channel_required");
    if (required == null || !required.isBoolean()) {
      throw READER.error(where + ".channel_required", "it must be true or false");
    }
    return new ChannelConfig(
        READER.list(object.get("valid_channels"), where + ".valid_channels", READER::text),
        required.booleanValue());
  }

  private static DeveloperContent developer(ObjectNode json, String where) {
    JsonNode format = json.get("response_format");
    return new DeveloperContent(
        READER.optionalText(json, "instructions", where),
        namespaces(json.get("tools"), where + ".tools"),
        JsonReader.isAbsent(format) ? null : responseFormat(format, where + ".response_format"));
  }

  private static ResponseFormat responseFormat(JsonNode json, String where) {
    ObjectNode object = READER.object(json, where);
    return new ResponseFormat(
        READER.requiredText(object, "name", where),
        READER.optionalText(object, "description", where),
        READER.object(object.get("schema"), where + ".schema"));
  }

  private static Map<String, ToolNamespace> namespaces(JsonNode json, String where) {
    Map<String, ToolNamespace> namespaces = new TreeMap<>();
    if (!JsonReader.isAbsent(json)) {
      READER
          .object(json, where)
          .fields()
          .forEachRemaining(
              field ->
                  namespaces.put(
                      field.getKey(), namespace(field.getValue(), where + "." + field.getKey())));
    }
    return namespaces;
  }

  private static ToolNamespace namespace(JsonNode json, String where) {
    ObjectNode object = READER.object(json, where);
    List<ToolDescription> tools =
        READER.objects(
            object.get("tools"),
            where + ".tools",
            (tool, place) -> ToolsJson.description(READER, tool, place));
    return new ToolNamespace(
        READER.requiredText(object, "name", where),
        READER.optionalText(object, "description", where),
        tools);
  }

  private static ObjectNode write(Message message) {
    ObjectNode json = JSON.objectNode();
    json.put("role", message.role().text());
    json.put("name", message.author().name());
    ArrayNode parts = json.putArray("content");
    for (Content part : message.content()) {
      parts.add(write(part));
    }
    putIfPresent(json, "channel", message.channel());
    putIfPresent(json, "recipient", message.recipient());
    putIfPresent(json, "content_type", message.contentType());
    return json;
  }

  private static ObjectNode write(Content part) {
    if (part instanceof SystemContent system) {
      return write(system);
    }
    if (part instanceof DeveloperContent developer) {
      return write(developer);
    }
    return JSON.objectNode().put("type", "text").put("text", ((TextContent) part).text());
  }

  private static ObjectNode write(SystemContent system) {
    ObjectNode json = JSON.objectNode();
    json.put("model_identity", system.modelIdentity());
    ReasoningEffort effort = system.reasoningEffort();
    json.put("reasoning_effort", effort == null ? null : effort.jsonText());
    putIfPresent(json, "conversation_start_date", system.conversationStartDate());
    json.put("knowledge_cutoff", system.knowledgeCutoff());
    ChannelConfig channels = system.channelConfig();
    if (channels == null) {
      json.putNull("channel_config");
    } else {
      ObjectNode config = json.putObject("channel_config");
      ArrayNode names = config.putArray("valid_channels");
      channels.validChannels().forEach(names::add);
      config.put("channel_required", channels.channelRequired());
    }
    writeTools(system.tools(), json);
    return json.put("type", "system_content");
  }

  private static ObjectNode write(DeveloperContent developer) {
    ObjectNode json = JSON.objectNode();
    putIfPresent(json, "instructions", developer.instructions());
    writeTools(developer.tools(), json);
    ResponseFormat format = developer.responseFormat();
    if (format != null) {
      ObjectNode out = json.putObject("response_format");
      out.put("name", format.name());
      putIfPresent(out, "description", format.description());
      out.set("schema", format.schema());
    }
    return json.put("type", "developer_content");
  }

  private static void writeTools(Map<String, ToolNamespace> tools, ObjectNode json) {
    if (tools.isEmpty()) {
      return;
    }
    ObjectNode out = json.putObject("tools");
    new TreeMap<>(tools).forEach((key, namespace) -> writeNamespace(namespace, out.putObject(key)));
  }

  private static void writeNamespace(ToolNamespace namespace, ObjectNode json) {
    json.put("name", namespace.name());
    putIfPresent(json, "description", namespace.description());
    ArrayNode list = json.putArray("tools");
    for (ToolDescription tool : namespace.tools()) {
      ObjectNode out = list.addObject();
      out.put("name", tool.name());
      out.put("description", tool.description());
      if (tool.parameters() != null) {
        out.set("parameters", tool.parameters());
      }
    }
  }

  private static void putIfPresent(ObjectNode json, String key, String value) {
    if (value != null) {
      json.put(key, value);
    }
  }
}

package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the messages of OpenAI's chat API into Harmony. As in OpenAI's chat template for gpt-oss,
 * system messages are developer instructions; several are joined by an empty line. An assistant's
 * text beside or right before tool calls is a preamble and goes to the commentary channel; a
 * refusal is the assistant's text. Reasoning before the last final answer is left out. The older
 * form of calls, {@code function_call} and role {@code function}, is read as well.
 */
final class ChatMessages {
  private static final JsonReader READER = JsonReader.CONVERSATION;
  private static final String FUNCTION_PREFIX = ToolNamespace.FUNCTIONS + ".";
  private static final String CONSTRAIN = SpecialTokens.textOf(SpecialTokens.CONSTRAIN);
  private static final String[] REASONING_KEYS = {"reasoning", "reasoning_content", "thinking"};

  private final List<String> instructions = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();
  private final Map<String, String> calledByCallId = new HashMap<>();

  private ChatMessages() {}

  /** Whether messages are of openai-harmony's form rather than the chat API's. */
  static boolean isHarmony(JsonNode messages) {
    for (JsonNode message : messages) {
      if (hasHarmonyField(message)) {
        return true;
      }
      for (JsonNode part : message.path("content")) {
        String type = part.path("type").asText();
        if (type.equals("system_content") || type.equals("developer_content")) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean hasHarmonyField(JsonNode message) {
    String role = message.path("role").asText();
    String recipient = message.path("recipient").asText();
    boolean isAssistant = role.equals(Role.ASSISTANT.text());
    return ((isAssistant || role.equals(Role.TOOL.text()))
            && Channel.isKnown(message.path("channel").asText()))
        || (isAssistant && (recipient.startsWith(FUNCTION_PREFIX) || isBuiltin(recipient)))
        || message.path("content_type").asText().startsWith(CONSTRAIN);
  }

  static Conversation read(JsonNode list) {
    ChatMessages chat = new ChatMessages();
    for (int i = 0; i < list.size(); i++) {
      String where = "messages[" + i + "]";
      chat.add(READER.object(list.get(i), where), where);
    }
    chat.dropFinishedReasoning();
    if (!chat.instructions.isEmpty()) {
      DeveloperContent content =
          DeveloperContent.empty().withInstructions(String.join("\n\n", chat.instructions));
      chat.messages.add(0, Message.of(Role.DEVELOPER, content));
    }
    return new Conversation(chat.messages);
  }

  private void dropFinishedReasoning() {
    int lastFinal = messages.size() - 1;
    while (lastFinal >= 0 && !isOn(Channel.FINAL, messages.get(lastFinal))) {
      lastFinal--;
    }
    if (lastFinal >= 0) {
      messages.subList(0, lastFinal).removeIf(message -> isOn(Channel.ANALYSIS, message));
    }
  }

  private static boolean isOn(String channel, Message message) {
    return channel.equals(message.channel());
  }

  private void add(ObjectNode json, String where) {
    switch (READER.requiredText(json, "role", where)) {
      case "system", "developer" ->
          instructions.add(message(Role.SYSTEM, requiredContent(json, where)).text());
      case "user" -> {
        Author author = new Author(Role.USER, READER.optionalText(json, "name", where));
        messages.add(new Message(author, requiredContent(json, where), null, null, null));
      }
      case "assistant" -> addAssistant(json, where);
      case "tool", "function" -> addToolResult(json, where);
      default ->
          throw READER.error(
              where + ".role",
              "unknown; the roles are system, developer, user, assistant, tool and function");
    }
  }

  private void addAssistant(ObjectNode json, String where) {
    int before = messages.size();
    String reasoning = reasoning(json, where);
    if (reasoning != null && !reasoning.isEmpty()) {
      messages.add(Message.of(Role.ASSISTANT, reasoning).withChannel(Channel.ANALYSIS));
    }
    JsonNode calls = json.get("tool_calls");
    boolean hasToolCalls =
        !JsonReader.isAbsent(calls) && !READER.array(calls, where + ".tool_calls").isEmpty();
    JsonNode functionCall = json.get("function_call");
    boolean hasCalls = hasToolCalls || !JsonReader.isAbsent(functionCall);
    List<Content> parts = assistantContent(json, where);
    if (parts != null) {
      Message said = message(Role.ASSISTANT, parts);
      if (!hasCalls) {
        messages.add(said.withChannel(Channel.FINAL));
      } else if (!said.text().isEmpty()) {
        messages.add(said.withChannel(Channel.COMMENTARY));
      }
    }
    if (hasCalls) {
      makePreambles(before);
    }
    if (hasToolCalls) {
      for (int i = 0; i < calls.size(); i++) {
        addCall(calls.get(i), where + ".tool_calls[" + i + "]");
      }
    } else if (hasCalls) {
      addFunction(functionCall, null, where + ".function_call");
    }
    if (messages.size() == before) {
      throw READER.error(where, "it has neither content nor refusal nor tool_calls nor reasoning");
    }
  }

  /** What an assistant says in the messages right before a call of its own is no final answer. */
  private void makePreambles(int end) {
    for (int i = end - 1; i >= 0 && messages.get(i).role() == Role.ASSISTANT; i--) {
      Message said = messages.get(i);
      if (isOn(Channel.FINAL, said)) {
        messages.set(i, said.withChannel(Channel.COMMENTARY));
      }
    }
  }

  /** A refusal stands in the place of content that is missing or empty. */
  private static List<Content> assistantContent(ObjectNode json, String where) {
    String refusal = READER.optionalText(json, "refusal", where);
    JsonNode content = json.get("content");
    boolean isEmpty =
        JsonReader.isAbsent(content)
            || (content.isTextual() && content.textValue().isEmpty())
            || (content.isArray() && content.isEmpty());
    return refusal != null && isEmpty
        ? List.of(new TextContent(refusal))
        : optionalContent(json, where);
  }

  private static String reasoning(ObjectNode json, String where) {
    for (String key : REASONING_KEYS) {
      String text = READER.optionalText(json, key, where);
      if (text != null) {
        return text;
      }
    }
    return null;
  }

  private void addCall(JsonNode json, String where) {
    ObjectNode call = READER.object(json, where);
    addFunction(call.get("function"), READER.optionalText(call, "id", where), where + ".function");
  }

  private void addFunction(JsonNode json, String id, String where) {
    ObjectNode function = READER.object(json, where);
    String name = qualified(READER.requiredText(function, "name", where));
    if (id != null) {
      calledByCallId.put(id, name);
    }
    messages.add(
        Message.of(Role.ASSISTANT, arguments(function, where + ".arguments"))
            .withChannel(Channel.COMMENTARY)
            .withRecipient(name)
            .withContentType("<|constrain|>json"));
  }

  private static String arguments(ObjectNode function, String where) {
    JsonNode arguments = function.get("arguments");
    if (JsonReader.isAbsent(arguments)) {
      return "{}"; // a call without arguments; to_json leaves a null out
    }
    if (arguments.isObject()) {
      return JsonText.of(arguments);
    }
    return READER.text(arguments, where);
  }

  private void addToolResult(ObjectNode json, String where) {
    String id = READER.optionalText(json, "tool_call_id", where);
    String name = READER.optionalText(json, "name", where);
    String called = id == null ? null : calledByCallId.get(id);
    if (called == null && name == null) {
      String problem =
          id == null
              ? "it has neither tool_call_id nor name"
              : "no earlier tool call has its tool_call_id, and it has no name";
      throw READER.error(where, problem + "; say which tool answered");
    }
    Author author = new Author(Role.TOOL, called == null ? qualified(name) : called);
    messages.add(
        new Message(
            author, requiredContent(json, where), Channel.COMMENTARY, Role.ASSISTANT.text(), null));
  }

  /** Chat names are bare; built-in tools and names that were qualified already stay. */
  private static String qualified(String name) {
    return isBuiltin(name) || name.startsWith(FUNCTION_PREFIX) ? name : FUNCTION_PREFIX + name;
  }

  private static boolean isBuiltin(String name) {
    return name.equals("python") || name.startsWith("browser.");
  }

  private static List<Content> requiredContent(ObjectNode json, String where) {
    List<Content> parts = optionalContent(json, where);
    if (parts == null) {
      throw READER.error(where + ".content", "missing; it must be a string or a list of texts");
    }
    return parts;
  }

  /** The parts stay apart: Harmony encodes each on its own. Null if there is no content. */
  private static List<Content> optionalContent(ObjectNode json, String where) {
    JsonNode content = json.get("content");
    if (JsonReader.isAbsent(content)) {
      return null;
    }
    if (content.isTextual()) {
      return List.of(new TextContent(content.textValue()));
    }
    return READER.objects(content, where + ".content", ChatMessages::part);
  }

  private static Message message(Role role, List<Content> parts) {
    return new Message(new Author(role, null), parts, null, null, null);
  }

  private static Content part(ObjectNode part, String where) {
    String key =
        switch (READER.requiredText(part, "type", where)) {
          case "text", "input_text", "output_text" -> "text";
          case "refusal" -> "refusal";
          default ->
              throw READER.error(where + ".type", "it must be text: the models read only text");
        };
    return new TextContent(READER.requiredText(part, key, where));
  }
}

package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * Makes the conversation that is rendered for one request: what the caller gave, with a system
 * message if it had none ({@link SystemContent#defaults()}), and with the parameters set here in
 * place of what it said. A null parameter leaves things as they are. What is wrong is an {@link
 * InvalidRequestException}, {@code invalid_conversation} for messages, naming the place, and {@code
 * invalid_parameter} for parameters. Not thread-safe.
 */
public final class ConversationBuilder {
  private final List<Message> messages;

  private ConversationBuilder(List<Message> messages) {
    this.messages = new ArrayList<>(messages);
    if (messages.isEmpty()) {
      throw HarmonyErrors.conversation("messages", "there are none; give at least one");
    }
    if (indexOf(Role.SYSTEM) < 0) {
      this.messages.add(0, Message.of(Role.SYSTEM, SystemContent.defaults()));
    }
  }

  /** Begins with one user message; a null is {@code null_prompt}. */
  public static ConversationBuilder ofPrompt(String prompt) {
    if (prompt == null) {
      throw HarmonyErrors.nullPrompt();
    }
    return new ConversationBuilder(List.of(Message.of(Role.USER, prompt)));
  }

  /** {@link #ofMessages(JsonNode)} of JSON text; a null is {@code null_prompt}. */
  public static ConversationBuilder ofMessages(String json) {
    if (json == null) {
      throw HarmonyErrors.nullPrompt();
    }
    return ofMessages(JsonReader.CONVERSATION.parse(json, "messages"));
  }

  /**
   * Begins with messages as JSON. They are of openai-harmony's form ({@link HarmonyJson}) if any
   * message has what only that form has: on a message of the assistant's or a tool's, one of
   * Harmony's {@linkplain Channel channels} as {@code channel}; on one of the assistant's, a tool
   * as {@code recipient}, as in {@code functions.f}; a {@code content_type} that begins with {@code
   * <|constrain|>}; system or developer content. Otherwise they are of the form of OpenAI's chat
   * API, where such fields of the caller's own, like a {@code channel} that says {@code email},
   * mean nothing. Fields' names match in any case.
   *
   * <p>Of chat messages the reasoning of finished turns is left out: all that stands before the
   * last final answer, as OpenAI's format document and the model's chat template have it. Reasoning
   * of a turn under way stays.
   *
   * @throws InvalidRequestException {@code invalid_conversation} naming the place of what is wrong
   */
  public static ConversationBuilder ofMessages(JsonNode json) {
    JsonNode list = HarmonyJson.messageList(MessageFields.named(json));
    return of(ChatMessages.isHarmony(list) ? HarmonyJson.read(list) : ChatMessages.read(list));
  }

  /** Begins with a conversation, which must have messages. */
  public static ConversationBuilder of(Conversation conversation) {
    return new ConversationBuilder(conversation.messages());
  }

  /** Sets {@code low}, {@code medium} or {@code high}; {@code none} leaves the line out. */
  public ConversationBuilder reasoningEffort(String effort) {
    if (effort == null) {
      return this;
    }
    boolean none = effort.toLowerCase(Locale.ROOT).equals("none");
    ReasoningEffort parsed = ReasoningEffort.fromText(effort);
    if (parsed == null && !none) {
      throw HarmonyErrors.parameter("reasoning_effort", "it must be none, low, medium or high");
    }
    return change(
        "reasoning_effort",
        Role.SYSTEM,
        SystemContent.class,
        system -> system.withReasoningEffort(parsed));
  }

  /** Sets the model identity in the system message, which must not be plain text. */
  public ConversationBuilder system(String modelIdentity) {
    return modelIdentity == null
        ? this
        : change(
            "system",
            Role.SYSTEM,
            SystemContent.class,
            system -> system.withModelIdentity(modelIdentity));
  }

  /** Sets the instructions in the developer message, which must not be plain text. */
  public ConversationBuilder developer(String instructions) {
    return instructions == null
        ? this
        : changeDeveloper("developer", content -> content.withInstructions(instructions));
  }

  /**
   * Sets the function tools from OpenAI's JSON: {@code [{"type": "function", "function": {"name",
   * "description", "parameters"}}]}.
   */
  public ConversationBuilder tools(String json) {
    return json == null ? this : tools(JsonReader.PARAMETER.parse(json, "tools"));
  }

  /** {@link #tools(String)} of parsed JSON. */
  public ConversationBuilder tools(JsonNode json) {
    if (JsonReader.isAbsent(json)) {
      return this;
    }
    List<ToolDescription> tools = ToolsJson.tools(json);
    if (tools.isEmpty() && indexOf(Role.DEVELOPER) < 0) {
      return this;
    }
    return changeDeveloper("tools", content -> content.withFunctionTools(tools));
  }

  /**
   * Adds a tool to the system message, which must not be plain text, such as {@link
   * ToolNamespace#browser()}; in the place of one of the same name.
   */
  public ConversationBuilder systemTool(ToolNamespace tool) {
    return change("tools", Role.SYSTEM, SystemContent.class, system -> system.withTools(tool));
  }

  /**
   * Sets the form of the answer from OpenAI's JSON: {@code {"type": "json_schema", "json_schema":
   * {"name", "schema", "description"}}} or {@code {"type": "json_object"}}.
   */
  public ConversationBuilder responseFormat(String json) {
    return json == null
        ? this
        : responseFormat(JsonReader.PARAMETER.parse(json, "response_format"));
  }

  /** {@link #responseFormat(String)} of parsed JSON. */
  public ConversationBuilder responseFormat(JsonNode json) {
    if (JsonReader.isAbsent(json)) {
      return this;
    }
    ResponseFormat format = ToolsJson.responseFormat(json);
    if (format == null && indexOf(Role.DEVELOPER) < 0) {
      return this;
    }
    return changeDeveloper("response_format", content -> content.withResponseFormat(format));
  }

  /** The text of the user's last message; empty where there is none. */
  public String userText() {
    int last = lastOfUser();
    return last < 0 ? "" : messages.get(last).text();
  }

  /** Puts another text in the place of the user's last message. */
  public ConversationBuilder userText(String text) {
    int last = lastOfUser();
    if (last >= 0) {
      messages.set(last, messages.get(last).withContent(List.of(new TextContent(text))));
    }
    return this;
  }

  private int lastOfUser() {
    int last = messages.size() - 1;
    while (last >= 0 && messages.get(last).role() != Role.USER) {
      last--;
    }
    return last;
  }

  public Conversation build() {
    return new Conversation(messages);
  }

  private ConversationBuilder changeDeveloper(
      String parameter, UnaryOperator<DeveloperContent> change) {
    if (indexOf(Role.DEVELOPER) < 0) {
      DeveloperContent created = change.apply(DeveloperContent.empty());
      messages.add(indexOf(Role.SYSTEM) + 1, Message.of(Role.DEVELOPER, created));
      return this;
    }
    return change(parameter, Role.DEVELOPER, DeveloperContent.class, change);
  }

  /** Changes the first content of a kind in the first message of a role. */
  private <T extends Content> ConversationBuilder change(
      String parameter, Role role, Class<T> kind, UnaryOperator<T> change) {
    int index = indexOf(role);
    List<Content> parts = new ArrayList<>(messages.get(index).content());
    for (int i = 0; i < parts.size(); i++) {
      if (kind.isInstance(parts.get(i))) {
        parts.set(i, change.apply(kind.cast(parts.get(i))));
        messages.set(index, messages.get(index).withContent(parts));
        return this;
      }
    }
    throw HarmonyErrors.parameter(
        parameter,
        ("it cannot be set, because the conversation's %1$s message is plain text; give it as"
                + " %1$s_content")
            .formatted(role.text()));
  }

  private int indexOf(Role role) {
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).role() == role) {
        return i;
      }
    }
    return -1;
  }
}

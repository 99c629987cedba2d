package io.github.gptoss.engine.harmony;

import java.util.ArrayList;
import java.util.List;

/**
 * What a completion says, taken out of its messages.
 *
 * @param messages all of them, as parsed
 * @param response the text of all {@link MessageKind#ANSWER}s, put together without a separator;
 *     empty if there is none
 * @param reasoning the text of all {@link MessageKind#REASONING}, one line break between messages;
 *     empty if there is none
 * @param toolCalls each {@link MessageKind#TOOL_CALL}, in order
 * @param salvaged whether the tokens were not well-formed Harmony and had to be mended
 * @param error the first malformation, or null
 */
public record Completion(
    List<Message> messages,
    String response,
    String reasoning,
    List<ToolCall> toolCalls,
    boolean salvaged,
    String error) {

  private static final String FUNCTION_PREFIX = ToolNamespace.FUNCTIONS + ".";

  /** Takes what the parser has read; messages that are not complete are not included. */
  public static Completion of(StreamableParser parser) {
    StringBuilder response = new StringBuilder();
    List<String> reasoning = new ArrayList<>();
    List<ToolCall> calls = new ArrayList<>();
    List<Message> messages = parser.messages();
    for (Message message : messages) {
      switch (MessageKind.of(message.role(), message.channel(), message.recipient())) {
        case ANSWER -> response.append(message.text());
        case REASONING -> reasoning.add(message.text());
        case TOOL_CALL ->
            calls.add(
                new ToolCall("call_" + calls.size(), callee(message.recipient()), message.text()));
        case OTHER -> {}
      }
    }
    return new Completion(
        messages,
        response.toString(),
        String.join("\n", reasoning),
        List.copyOf(calls),
        parser.salvaged(),
        parser.error());
  }

  private static String callee(String recipient) {
    return recipient.startsWith(FUNCTION_PREFIX)
        ? recipient.substring(FUNCTION_PREFIX.length())
        : recipient;
  }
}

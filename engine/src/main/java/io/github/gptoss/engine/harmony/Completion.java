package io.github.gptoss.engine.harmony;

import java.util.ArrayList;
import java.util.List;

/**
 * What a completion says, taken out of its messages.
 *
 * @param messages all of them, as parsed
 * @param response the text of the final channel, several messages put together without a separator;
 *     empty if there is none. Text of an assistant that has no known channel counts as final, so
 *     that a model which leaves Harmony still gives an answer.
 * @param reasoning the text of the analysis channel, one line break between messages; empty if
 *     there is none
 * @param toolCalls messages to a recipient on any channel but the final one, in order
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
      if (callsTool(message)) {
        calls.add(
            new ToolCall("call_" + calls.size(), callee(message.recipient()), message.text()));
      } else if (message.role()
          == Role.ASSISTANT) { // what it says as a tool or user is not its own
        addText(message, response, reasoning);
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

  private static void addText(Message message, StringBuilder response, List<String> reasoning) {
    if (Channel.ANALYSIS.equals(message.channel())) {
      reasoning.add(message.text());
    } else if (!Channel.COMMENTARY.equals(message.channel())) {
      response.append(message.text());
    }
  }

  private static boolean callsTool(Message message) {
    String recipient = message.recipient();
    return message.role() == Role.ASSISTANT
        && recipient != null
        && !Channel.FINAL.equals(message.channel())
        && !recipient.equals("all")
        && !recipient.equals(Role.USER.text())
        && !recipient.equals(Role.ASSISTANT.text());
  }

  private static String callee(String recipient) {
    return recipient.startsWith(FUNCTION_PREFIX)
        ? recipient.substring(FUNCTION_PREFIX.length())
        : recipient;
  }
}

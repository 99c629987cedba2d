package io.github.gptoss.engine.harmony;

/** What a message of a completion is for; the one place where that is decided. */
public enum MessageKind {
  /** The answer: the final channel. */
  ANSWER,

  /** The analysis channel. */
  REASONING,

  /** A message to a tool, on any channel but the final one. */
  TOOL_CALL,

  /** Text for the user on the commentary channel, for instance what is said before tool calls. */
  COMMENTARY,

  /** Text of an assistant on no channel, or an unknown one: the model has left Harmony. */
  STRAY,

  /** What the model says in another role than its own. */
  OTHER;

  /** The channel and the recipient are null for none. */
  static MessageKind of(Role role, String channel, String recipient) {
    if (role != Role.ASSISTANT) {
      return OTHER;
    }
    if (Channel.FINAL.equals(channel)) {
      return ANSWER; // a stray word in its header parses as a recipient
    }
    if (isTool(recipient)) {
      return TOOL_CALL;
    }
    if (Channel.ANALYSIS.equals(channel)) {
      return REASONING;
    }
    return Channel.COMMENTARY.equals(channel) ? COMMENTARY : STRAY;
  }

  /** A bare word after the channel parses as a recipient, though a type or channel is no tool. */
  private static boolean isTool(String recipient) {
    return recipient != null
        && !ToolCall.nameOf(recipient).isBlank()
        && !recipient.equals("all")
        && !recipient.equals(Role.USER.text())
        && !recipient.equals(Role.ASSISTANT.text())
        && !Channel.isKnown(recipient)
        && !HeaderSalvage.isType(recipient);
  }
}

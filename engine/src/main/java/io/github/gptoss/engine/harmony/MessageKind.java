package io.github.gptoss.engine.harmony;

/** What a message of a completion is for; the one place where that is decided. */
public enum MessageKind {
  /**
   * The answer: the final channel. Text of an assistant that has no known channel counts too, so
   * that a model which leaves Harmony still gives an answer.
   */
  ANSWER,

  /** The analysis channel. */
  REASONING,

  /** A message to a tool, on any channel but the final one. */
  TOOL_CALL,

  /** What is said before tool calls, and what the model says in another role than its own. */
  OTHER;

  /**
   * @param channel null for none
   * @param recipient null for everybody
   */
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
    return Channel.COMMENTARY.equals(channel) ? OTHER : ANSWER;
  }

  private static boolean isTool(String recipient) {
    return recipient != null
        && !recipient.equals("all")
        && !recipient.equals(Role.USER.text())
        && !recipient.equals(Role.ASSISTANT.text());
  }
}

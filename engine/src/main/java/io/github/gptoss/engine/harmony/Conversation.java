package io.github.gptoss.engine.harmony;

import java.util.List;

/** Messages in order. */
public record Conversation(List<Message> messages) {
  public Conversation {
    messages = List.copyOf(messages);
  }

  public static Conversation of(Message... messages) {
    return new Conversation(List.of(messages));
  }
}

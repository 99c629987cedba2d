package io.github.gptoss.engine.harmony;

import java.util.List;
import java.util.Objects;

/**
 * One message.
 *
 * @param channel null for none
 * @param recipient whom it is for, for instance {@code functions.get_weather}; null where none is
 *     named
 * @param contentType for instance {@code <|constrain|>json}; null for none
 */
public record Message(
    Author author, List<Content> content, String channel, String recipient, String contentType) {
  public Message {
    Objects.requireNonNull(author, "author");
    content = List.copyOf(content);
  }

  public static Message of(Role role, String text) {
    return of(role, new TextContent(text));
  }

  public static Message of(Role role, Content content) {
    return of(new Author(role, null), content);
  }

  public static Message of(Author author, Content content) {
    return new Message(author, List.of(content), null, null, null);
  }

  public Message withContent(List<Content> newContent) {
    return new Message(author, newContent, channel, recipient, contentType);
  }

  public Message withChannel(String name) {
    return new Message(author, content, name, recipient, contentType);
  }

  public Message withRecipient(String name) {
    return new Message(author, content, channel, name, contentType);
  }

  public Message withContentType(String type) {
    return new Message(author, content, channel, recipient, type);
  }

  public Role role() {
    return author.role();
  }

  /** The text of all parts that are plain text. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Content part : content) {
      if (part instanceof TextContent plain) {
        text.append(plain.text());
      }
    }
    return text.toString();
  }
}

package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Writes one conversation as token ids. Every text is encoded on its own, exactly as cut here:
 * where the cuts lie decides the ids. Only this class writes special tokens.
 */
final class HarmonyRenderer {
  private static final String CONSTRAIN = SpecialTokens.textOf(SpecialTokens.CONSTRAIN);

  private final Tokenizer tokenizer;
  private final TokenList out = new TokenList(256);

  HarmonyRenderer(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Appends the messages; reasoning of turns that are finished can be left out. */
  void conversation(List<Message> messages, boolean autoDropAnalysis) {
    boolean hasFunctionTools = messages.stream().anyMatch(HarmonyRenderer::definesFunctionTools);
    int dropBefore = autoDropAnalysis && endsInFinal(messages) ? firstFinal(messages) : 0;
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (i < dropBefore && Channel.ANALYSIS.equals(message.channel())) {
        continue;
      }
      message(message, "messages[" + i + "]", hasFunctionTools);
    }
  }

  /** Begins a message of this role, for the model to go on. */
  void beginTurn(Role role) {
    out.add(SpecialTokens.START);
    text(role.text());
  }

  /** After a last message that is the final answer, generation ends rather than the message. */
  void endTraining(List<Message> messages) {
    if (messages.isEmpty() || out.size() == 0) {
      return;
    }
    Message last = messages.get(messages.size() - 1);
    if (last.role() == Role.ASSISTANT && Channel.FINAL.equals(last.channel())) {
      out.replaceLast(SpecialTokens.RETURN);
    }
  }

  int[] tokens() {
    return out.toArray();
  }

  void tokens(IntConsumer ids) {
    out.forEach(ids);
  }

  private void message(Message message, String where, boolean hasFunctionTools) {
    out.add(SpecialTokens.START);
    author(message.author(), where);
    if (message.recipient() != null && !message.recipient().equals("all")) {
      text(" to=" + message.recipient());
    }
    if (message.channel() != null) {
      out.add(SpecialTokens.CHANNEL);
      text(message.channel());
    }
    if (message.contentType() != null) {
      contentType(message.contentType());
    }
    out.add(SpecialTokens.MESSAGE);
    for (Content part : message.content()) {
      String text = textOf(part, message.role(), where, hasFunctionTools);
      if (part instanceof TextContent) {
        text(text);
      } else {
        InstructionIds.append(tokenizer, text, out);
      }
    }
    boolean callsTool = message.role() == Role.ASSISTANT && message.recipient() != null;
    out.add(callsTool ? SpecialTokens.CALL : SpecialTokens.END);
  }

  private void author(Author author, String where) {
    if (author.role() == Role.TOOL) {
      if (author.name() == null) {
        throw HarmonyErrors.conversation(
            where, "a tool message has no name; give the tool's, such as functions.get_weather");
      }
      text(author.name());
      return;
    }
    text(author.role().text());
    if (author.name() != null) {
      text(":" + author.name());
    }
  }

  private void contentType(String type) {
    if (!type.startsWith(CONSTRAIN)) {
      text(" " + type);
      return;
    }
    text(" ");
    out.add(SpecialTokens.CONSTRAIN);
    text(type.substring(CONSTRAIN.length()));
  }

  private static String textOf(Content part, Role role, String where, boolean hasFunctionTools) {
    if (part instanceof SystemContent system) {
      requireRole(role, Role.SYSTEM, "system_content", where);
      return InstructionText.of(system, hasFunctionTools);
    }
    if (part instanceof DeveloperContent developer) {
      requireRole(role, Role.DEVELOPER, "developer_content", where);
      return InstructionText.of(developer);
    }
    return ((TextContent) part).text();
  }

  private static void requireRole(Role actual, Role expected, String type, String where) {
    if (actual != expected) {
      throw HarmonyErrors.conversation(
          where,
          "%s stands in a message of role %s; only %s messages may hold it"
              .formatted(type, actual.text(), expected.text()));
    }
  }

  private void text(String text) {
    tokenizer.encode(text, out);
  }

  private static boolean definesFunctionTools(Message message) {
    for (Content part : message.content()) {
      if (part instanceof DeveloperContent developer && developer.hasFunctionTools()) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsInFinal(List<Message> messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).role() == Role.ASSISTANT) {
        return Channel.FINAL.equals(messages.get(i).channel());
      }
    }
    return false;
  }

  private static int firstFinal(List<Message> messages) {
    for (int i = 0; i < messages.size(); i++) {
      if (Channel.FINAL.equals(messages.get(i).channel())) {
        return i;
      }
    }
    return 0;
  }
}

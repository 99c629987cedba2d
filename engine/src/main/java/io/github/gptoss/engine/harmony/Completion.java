package io.github.gptoss.engine.harmony;

import java.util.ArrayList;
import java.util.List;

/**
 * What a completion says, taken out of its messages. Several texts of one kind stand on lines of
 * their own.
 *
 * @param messages all of them, as parsed
 * @param response the text of all {@link MessageKind#ANSWER}s; where they are empty, that of all
 *     {@link MessageKind#STRAY}; where there is none, that of {@link MessageKind#STRAY} and {@link
 *     MessageKind#COMMENTARY} in the order in which it was said; else empty
 * @param reasoning the text of all {@link MessageKind#REASONING}; empty if there is none
 * @param commentary the text of all {@link MessageKind#COMMENTARY}; empty if there is none
 * @param toolCalls each {@link MessageKind#TOOL_CALL}, in order
 * @param salvaged whether the tokens were not well-formed Harmony and had to be mended, or a turn
 *     without a call has commentary in place of an answer
 * @param error the first malformation, or null
 */
public record Completion(
    List<Message> messages,
    String response,
    String reasoning,
    String commentary,
    List<ToolCall> toolCalls,
    boolean salvaged,
    String error) {

  /** Takes what the parser has read; messages that are not complete are not included. */
  public static Completion of(StreamableParser parser, CallIds ids) {
    List<String> answers = new ArrayList<>();
    List<String> reasoning = new ArrayList<>();
    List<String> commentary = new ArrayList<>();
    List<String> strays = new ArrayList<>();
    List<String> withoutAnswer = new ArrayList<>();
    List<ToolCall> calls = new ArrayList<>();
    List<Message> messages = parser.messages();
    for (Message message : messages) {
      String text = message.text();
      switch (MessageKind.of(message.role(), message.channel(), message.recipient())) {
        case ANSWER -> answers.add(text);
        case REASONING -> reasoning.add(text);
        case COMMENTARY -> {
          commentary.add(text);
          withoutAnswer.add(text);
        }
        case STRAY -> {
          strays.add(text);
          withoutAnswer.add(text);
        }
        case TOOL_CALL ->
            calls.add(
                new ToolCall(ids.id(calls.size()), ToolCall.nameOf(message.recipient()), text));
        case OTHER -> {}
      }
    }
    String answer = lines(answers);
    if (answer.isEmpty()) {
      answer = lines(answers.isEmpty() ? withoutAnswer : strays);
    }
    String said = lines(commentary);
    boolean commentaryAnswers = answers.isEmpty() && calls.isEmpty() && !said.isEmpty();
    String error = parser.error();
    if (commentaryAnswers && error == null) {
      error = HarmonyErrors.malformed("the turn ends on the commentary channel").getMessage();
    }
    return new Completion(
        messages,
        answer,
        lines(reasoning),
        said,
        List.copyOf(calls),
        parser.salvaged() || commentaryAnswers,
        error);
  }

  /**
   * What the model goes on from when its calls have been answered: the messages of this completion
   * that are its own, then the answers, in the order of the calls.
   *
   * @param answers untrusted texts, one for each of {@link #toolCalls}
   * @throws IllegalArgumentException if there are more or fewer
   */
  public List<Message> answered(List<String> answers) {
    if (answers.size() != toolCalls.size()) {
      throw new IllegalArgumentException(
          answers.size() + " answers to " + toolCalls.size() + " calls");
    }
    List<Message> own = new ArrayList<>();
    List<Message> results = new ArrayList<>();
    for (Message message : messages) {
      switch (MessageKind.of(message.role(), message.channel(), message.recipient())) {
        case TOOL_CALL -> {
          String channel = message.channel() == null ? Channel.COMMENTARY : message.channel();
          own.add(message.withChannel(channel));
          results.add(
              Message.of(
                      new Author(Role.TOOL, message.recipient()),
                      new TextContent(answers.get(results.size())))
                  .withChannel(channel)
                  .withRecipient(Role.ASSISTANT.text()));
        }
        case ANSWER, REASONING, COMMENTARY, STRAY -> own.add(message);
        case OTHER -> {}
      }
    }
    own.addAll(results);
    return own;
  }

  private static String lines(List<String> texts) {
    return String.join("\n", texts.stream().filter(text -> !text.isEmpty()).toList());
  }
}

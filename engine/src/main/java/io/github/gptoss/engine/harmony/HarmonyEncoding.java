package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Conversations to token ids and back. Thread-safe. Renders and parses as openai-harmony 0.0.8 does
 * with its encoding {@code HarmonyGptOss}.
 */
public final class HarmonyEncoding {
  private static final class Shared {
    static final HarmonyEncoding INSTANCE = new HarmonyEncoding(Tokenizer.o200kHarmony());
  }

  private final Tokenizer tokenizer;

  private HarmonyEncoding(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  public static HarmonyEncoding gptOss() {
    return Shared.INSTANCE;
  }

  /**
   * Token ids that the model continues with the next message.
   *
   * @param autoDropAnalysis whether to leave out the reasoning that came before the first final
   *     message, once the last assistant message is final, as the models were trained
   * @throws InvalidRequestException {@code invalid_conversation} for a tool message without a name,
   *     or system or developer content in a message of another role
   */
  public int[] renderForCompletion(
      Conversation conversation, Role nextRole, boolean autoDropAnalysis) {
    HarmonyRenderer renderer = rendered(conversation, autoDropAnalysis);
    renderer.beginTurn(nextRole);
    return renderer.tokens();
  }

  /** {@link #renderForCompletion(Conversation, Role, boolean)} for the assistant, with dropping. */
  public int[] renderForCompletion(Conversation conversation) {
    return renderForCompletion(conversation, Role.ASSISTANT, true);
  }

  /** {@link #renderForCompletion(Conversation)} to a consumer, which gets all ids or none. */
  public void renderForCompletion(Conversation conversation, IntConsumer ids) {
    HarmonyRenderer renderer = rendered(conversation, true);
    renderer.beginTurn(Role.ASSISTANT);
    renderer.tokens(ids);
  }

  /**
   * {@link #renderForCompletion(Conversation, IntConsumer)} of a turn under way: the ids begin with
   * those of the conversation alone, up to where the turn began.
   *
   * @param followed what the assistant said and tools answered since, none of which is left out
   */
  public void renderForCompletion(
      Conversation conversation, List<Message> followed, IntConsumer ids) {
    HarmonyRenderer renderer = rendered(conversation, true);
    renderer.conversation(followed, false);
    renderer.beginTurn(Role.ASSISTANT);
    renderer.tokens(ids);
  }

  /** The messages alone. Errors as in {@link #renderForCompletion(Conversation, Role, boolean)}. */
  public int[] renderConversation(Conversation conversation, boolean autoDropAnalysis) {
    return rendered(conversation, autoDropAnalysis).tokens();
  }

  private HarmonyRenderer rendered(Conversation conversation, boolean autoDropAnalysis) {
    HarmonyRenderer renderer = new HarmonyRenderer(tokenizer);
    renderer.conversation(conversation.messages(), autoDropAnalysis);
    return renderer;
  }

  /** The messages, with {@code <|return|>} after a last final answer, as a model should end. */
  public int[] renderForTraining(Conversation conversation, boolean autoDropAnalysis) {
    HarmonyRenderer renderer = rendered(conversation, autoDropAnalysis);
    renderer.endTraining(conversation.messages());
    return renderer.tokens();
  }

  /**
   * Parses token ids into messages.
   *
   * @param role author of the message whose beginning was in the prompt, for completions {@link
   *     Role#ASSISTANT}; null if the tokens begin with {@code <|start|>}
   * @throws InvalidRequestException {@code malformed_completion}, or {@code invalid_tokens} for an
   *     id outside the vocabulary; never in mode {@link ParseMode#BEST_EFFORT}
   */
  public List<Message> parse(int[] tokens, Role role, ParseMode mode) {
    return parsed(tokens, role, mode).messages();
  }

  /** Reads what a model generated as the assistant; keeps what can be kept and never throws. */
  public Completion parseCompletion(int[] tokens) {
    StreamableParser parser = parsed(tokens, Role.ASSISTANT, ParseMode.BEST_EFFORT);
    return Completion.of(parser, new CallIds(new int[0], tokens));
  }

  private static StreamableParser parsed(int[] tokens, Role role, ParseMode mode) {
    StreamableParser parser = new StreamableParser(role, mode);
    for (int token : tokens) {
      parser.process(token);
    }
    parser.processEos();
    return parser;
  }
}

package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.Channel;
import io.github.gptoss.engine.harmony.Completion;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Function;

/** An engine that answers at once, with the messages that a script makes of the conversation. */
public final class ScriptedEngine implements CompletionEngine {
  /** What begins a turn: the start token and the role. */
  private static final int BEGIN_TOKENS = 2;

  /** What a request asked. */
  public record Asked(int[] prompt, GenerationRequest request) {}

  private final BiFunction<List<Message>, GenerationRequest, List<Message>> script;

  /** What the context holds, in tokens. */
  public volatile int maxModelLen = 1 << 17;

  /** All that was asked, in order. */
  public final List<Asked> asked = new CopyOnWriteArrayList<>();

  /**
   * @param script the assistant's next messages, of which the last is an answer or a call
   */
  public ScriptedEngine(Function<List<Message>, List<Message>> script) {
    this((conversation, request) -> script.apply(conversation));
  }

  /**
   * @param script the same, of a request too
   */
  public ScriptedEngine(BiFunction<List<Message>, GenerationRequest, List<Message>> script) {
    this.script = script;
  }

  /** Reasoning. */
  public static Message thought(String text) {
    return Message.of(Role.ASSISTANT, text).withChannel(Channel.ANALYSIS);
  }

  /** A final answer. */
  public static Message answer(String text) {
    return Message.of(Role.ASSISTANT, text).withChannel(Channel.FINAL);
  }

  /** A call. */
  public static Message call(String recipient, String arguments) {
    return Message.of(Role.ASSISTANT, arguments)
        .withChannel(Channel.COMMENTARY)
        .withRecipient(recipient);
  }

  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    int[] prompt = new int[request.prompt().remaining()];
    request.prompt().duplicate().get(prompt);
    asked.add(new Asked(prompt, request));
    HarmonyEncoding harmony = HarmonyEncoding.gptOss();
    List<Message> conversation = harmony.parse(prompt, null, ParseMode.BEST_EFFORT);
    int[] rendered =
        harmony.renderConversation(new Conversation(script.apply(conversation, request)), false);
    int[] tokens = Arrays.copyOfRange(rendered, BEGIN_TOKENS, rendered.length);
    boolean isCut = tokens.length > request.maxTokens();
    Completion said =
        harmony.parseCompletion(isCut ? Arrays.copyOf(tokens, request.maxTokens()) : tokens);
    FinishReason reason =
        isCut
            ? FinishReason.LENGTH
            : said.toolCalls().isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS;
    return CompletableFuture.completedFuture(
        new GenerationResult(
            tokens,
            reason,
            new Usage(prompt.length, Math.min(tokens.length, request.maxTokens()), 1, 0),
            said.response(),
            null,
            said.reasoning(),
            said.commentary(),
            said.toolCalls(),
            false,
            List.of(),
            null));
  }

  @Override
  public boolean isAlive() {
    return true;
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo(
        "scripted", "fingerprint", "cpu", maxModelLen, 1 << 18, true, Map.of(), 0);
  }

  @Override
  public EngineStats stats() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}

package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.FormedAnswer;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.internal.completions.AnsweredCall;
import io.github.gptoss.spark.internal.completions.Said;
import io.github.gptoss.spark.internal.completions.ToolRounds;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.tools.ToolData;
import io.github.gptoss.spark.internal.tools.ToolOptions;
import io.github.gptoss.spark.internal.tools.Toolbox;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** Has the calls that a row's generation ends with answered, so that its turn goes on. */
final class ToolLoop implements AutoCloseable {
  /** Answers nothing. */
  static final ToolLoop NONE = new ToolLoop(null, 0);

  /** What rendering may add to a message that the model wrote in its own way. */
  private static final int MENDED_TOKENS = 256;

  /** What stands around an answer, at most, unless a function's name is very long. */
  private static final int HEADER_TOKENS = 256;

  /** As long as what stands in the place of an answer that is too long. */
  private static final int SHORT_CHARS = 120;

  private final Toolbox tools;
  private final int maxRounds;

  private ToolLoop(Toolbox tools, int maxRounds) {
    this.tools = tools;
    this.maxRounds = maxRounds;
  }

  /**
   * The loop that options ask for.
   *
   * @param data what the tables hold that tools answer from
   */
  static ToolLoop open(OptionValues options, ToolData data) {
    ToolOptions wanted = ToolOptions.of(options);
    return wanted.areOn() ? new ToolLoop(Toolbox.open(wanted, data), wanted.maxRounds()) : NONE;
  }

  /** Whether any calls are answered. */
  boolean isOn() {
    return tools != null;
  }

  /**
   * The functions that a prompt tells the model of, by the names that calls have; none where
   * nothing is answered here.
   */
  List<String> told(TurnSpec turn) {
    return isOn()
        ? turn.functions().stream().map(function -> ToolCall.nameOf(function.recipient())).toList()
        : List.of();
  }

  /**
   * Whether a generation's calls are answered here: all of them, since the model waits for all.
   *
   * @param finishReason as tables have it
   * @param told as {@link #told} has them
   */
  boolean answers(String finishReason, List<ToolCall> calls, List<String> told, ToolRounds before) {
    return tools != null
        && before.count() < maxRounds
        && !calls.isEmpty()
        && finishReason.equals(FinishReason.TOOL_CALLS.wireName())
        && calls.stream().allMatch(call -> tools.answers(call.name(), told));
  }

  /**
   * Runs calls.
   *
   * @param told as {@link #told} has them
   * @param before what the turn has of the rounds before
   * @param done gets the answers in their order, once
   */
  void run(
      List<ToolCall> calls, List<String> told, ToolRounds before, Consumer<List<ToolResult>> done) {
    List<ToolRequest> earlier =
        before.calls().stream()
            .filter(answered -> answered.result() != null)
            .map(answered -> request(answered.call(), List.of()))
            .toList();
    tools.run(calls.stream().map(call -> request(call, earlier)).toList(), told, done);
  }

  private static ToolRequest request(ToolCall call, List<ToolRequest> earlier) {
    return new ToolRequest(call.id(), call.name(), call.arguments(), earlier);
  }

  /** A round whose calls have been answered, behind those before it. */
  static ToolRounds answered(ToolRounds before, Said said, Usage usage, List<ToolResult> results) {
    List<AnsweredCall> calls = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      ToolResult result = results.get(i);
      calls.add(new AnsweredCall(said.calls().get(i), result.value(), result.error()));
    }
    return before.and(said, calls, usage);
  }

  /**
   * What the turn goes on from.
   *
   * @param tokens that were generated
   */
  static List<Message> messages(int[] tokens, List<ToolResult> results) {
    return HarmonyEncoding.gptOss()
        .parseCompletion(tokens)
        .answered(results.stream().map(ToolLoop::text).toList());
  }

  /**
   * The answers that a turn can go on with: where they do not fit the context, errors that say so
   * stand in the place of the longest ones.
   *
   * @param tokens that were generated
   * @param usage of that generation
   * @param room tokens that the next prompt may have
   * @param promptTokens tokens of the prompt that goes on from messages
   */
  static List<ToolResult> fitting(
      int[] tokens,
      Usage usage,
      List<ToolResult> answers,
      int room,
      ToIntFunction<List<Message>> promptTokens) {
    long most = (long) usage.inputTokens() + usage.outputTokens() + MENDED_TOKENS;
    for (ToolResult answer : answers) {
      most += HEADER_TOKENS + text(answer).getBytes(StandardCharsets.UTF_8).length;
    }
    if (most <= room) {
      return answers; // without rendering them twice
    }
    List<ToolResult> fitting = new ArrayList<>(answers);
    int needed = promptTokens.applyAsInt(messages(tokens, fitting));
    while (needed > room) {
      int longest = 0;
      for (int i = 1; i < fitting.size(); i++) {
        longest = text(fitting.get(i)).length() > text(fitting.get(longest)).length() ? i : longest;
      }
      if (text(fitting.get(longest)).length() <= SHORT_CHARS) {
        break; // There is no answer to it: the turn ends here.
      }
      fitting.set(longest, ToolResult.of(""));
      int without = promptTokens.applyAsInt(messages(tokens, fitting));
      fitting.set(
          longest,
          ToolResult.failed(
              "the answer was too long for the context: it has %d tokens, and %d are left"
                  .formatted(needed - without, Math.max(0, room - without))));
      needed = promptTokens.applyAsInt(messages(tokens, fitting));
    }
    return fitting;
  }

  private static String text(ToolResult result) {
    return result.isError() ? "Error: " + result.error() : result.value();
  }

  /** The end of a turn that has no room to go on when its tools have answered. */
  static GenerationResult cut(TurnSpec turn) {
    return new GenerationResult(
        new int[0],
        FinishReason.LENGTH,
        Usage.NONE,
        "",
        turn.answer() == null ? null : new FormedAnswer(null, true, null, null),
        "",
        "",
        List.of(),
        false,
        List.of(),
        null);
  }

  @Override
  public void close() {
    if (tools != null) {
      tools.close();
    }
  }
}

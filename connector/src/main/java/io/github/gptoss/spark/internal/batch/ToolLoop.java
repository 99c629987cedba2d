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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Has the calls that a row's generation ends with answered, so that its turn goes on. */
final class ToolLoop implements AutoCloseable {
  /** Answers nothing. */
  static final ToolLoop NONE = new ToolLoop(null, 0);

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
   * Whether a generation's calls are answered here: all of them, since the model waits for all.
   *
   * @param finishReason as tables have it
   */
  boolean answers(String finishReason, List<ToolCall> calls, ToolRounds before) {
    return tools != null
        && before.count() < maxRounds
        && !calls.isEmpty()
        && finishReason.equals(FinishReason.TOOL_CALLS.wireName())
        && calls.stream().allMatch(call -> tools.runs(call.name()));
  }

  /**
   * Runs calls.
   *
   * @param before what the turn has of the rounds before
   * @param done gets the answers in their order, on a thread of the tools
   */
  void run(List<ToolCall> calls, ToolRounds before, Consumer<List<ToolResult>> done) {
    List<ToolRequest> earlier =
        before.calls().stream().map(answered -> request(answered.call(), List.of())).toList();
    tools.run(calls.stream().map(call -> request(call, earlier)).toList(), done);
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
        .answered(
            results.stream()
                .map(result -> result.isError() ? "Error: " + result.error() : result.value())
                .toList());
  }

  /** The end of a turn whose tokens were spent when its tools had answered. */
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

package io.github.gptoss.spark.internal.completions;

import static java.util.Map.entry;

import io.github.gptoss.engine.FormedAnswer;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Where each field of {@code CompletionSchema} comes from. Some come from the row, or from the row
 * and its last generation.
 */
final class CompletionFields {
  private CompletionFields() {}

  static final String PROMPT_TOKENS = "prompt_tokens";
  static final String REASONING_EFFORT = "reasoning_effort";
  static final String TOOL_ROUNDS = "tool_rounds";

  /** Those that have something of each generation of a turn. */
  static final Map<String, BiFunction<ToolRounds, Said, Object>> OF_TURN =
      Map.of(
          "tool_calls", ToolRounds::callsWith,
          "reasoning", ToolRounds::reasoningWith,
          "commentary", ToolRounds::commentaryWith,
          "salvaged", ToolRounds::salvagedWith);

  /** Those of the last generation. */
  static final Map<String, Function<GenerationResult, Object>> COMPLETION =
      Map.ofEntries(
          entry("response", GenerationResult::response),
          entry("parsed", GenerationResult::parsed),
          entry("finish_reason", result -> result.finishReason().wireName()),
          entry("usage", GenerationResult::usage),
          entry("error_code", result -> code(error(result))),
          entry("error_message", result -> message(error(result))),
          entry("confidence", result -> formed(result, FormedAnswer::confidence)),
          entry("choice_probabilities", result -> formed(result, FormedAnswer::probabilities)),
          entry("completion_tokens", GenerationResult::tokens));

  private static Object formed(GenerationResult result, Function<FormedAnswer, Object> value) {
    return result.formed() == null ? null : value.apply(result.formed());
  }

  private static String code(RequestError error) {
    return error == null ? null : error.code();
  }

  private static String message(RequestError error) {
    return error == null ? null : error.message();
  }

  /** Why there is no answer, or none of the form that it was to have; null if there is one. */
  static RequestError error(GenerationResult result) {
    boolean isCut = result.formed() != null && result.formed().isCut();
    return result.error() == null && isCut
        ? new RequestError(
            "incomplete_answer",
            "the answer was cut after "
                + result.usage().outputTokens()
                + " tokens, before it had the form that response_format or structured_outputs asks"
                + " for: raise max_tokens, or bound the reasoning with max_reasoning_tokens")
        : result.error();
  }

  static final Map<String, Function<Usage, Object>> USAGE =
      Map.of(
          "input_tokens", Usage::inputTokens,
          "output_tokens", Usage::outputTokens,
          "total_tokens", Usage::totalTokens,
          "reasoning_tokens", Usage::reasoningTokens,
          "cached_tokens", Usage::cachedTokens);

  static final Map<String, Function<AnsweredCall, Object>> TOOL_CALL =
      Map.of(
          "id", answered -> answered.call().id(),
          "name", answered -> answered.call().name(),
          "arguments", answered -> answered.call().arguments(),
          "result", AnsweredCall::result,
          "error", AnsweredCall::error);
}

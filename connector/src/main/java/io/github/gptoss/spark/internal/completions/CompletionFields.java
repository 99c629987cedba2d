package io.github.gptoss.spark.internal.completions;

import static java.util.Map.entry;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.Map;
import java.util.function.Function;

/**
 * Where each field of {@code CompletionSchema} comes from. The prompt's token ids come from the row
 * instead.
 */
final class CompletionFields {
  private CompletionFields() {}

  static final String PROMPT_TOKENS = "prompt_tokens";

  static final Map<String, Function<GenerationResult, Object>> COMPLETION =
      Map.ofEntries(
          entry("response", GenerationResult::response),
          entry("reasoning", GenerationResult::reasoning),
          entry("tool_calls", GenerationResult::toolCalls),
          entry("parsed", GenerationResult::parsed),
          entry("finish_reason", result -> result.finishReason().wireName()),
          entry("usage", GenerationResult::usage),
          entry("error_code", result -> result.error() == null ? null : result.error().code()),
          entry(
              "error_message", result -> result.error() == null ? null : result.error().message()),
          entry("salvaged", GenerationResult::salvaged),
          entry("commentary", GenerationResult::commentary),
          entry(PROMPT_TOKENS, result -> null),
          entry("completion_tokens", GenerationResult::tokens));

  static final Map<String, Function<Usage, Object>> USAGE =
      Map.of(
          "input_tokens", Usage::inputTokens,
          "output_tokens", Usage::outputTokens,
          "total_tokens", Usage::totalTokens,
          "reasoning_tokens", Usage::reasoningTokens,
          "cached_tokens", Usage::cachedTokens);

  static final Map<String, Function<ToolCall, Object>> TOOL_CALL =
      Map.of(
          "id", ToolCall::id,
          "name", ToolCall::name,
          "arguments", ToolCall::arguments);
}

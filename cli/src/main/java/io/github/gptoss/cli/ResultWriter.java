package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.FormedAnswer;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.TokenLogprobs;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;

/** Makes JSON of generation results. */
final class ResultWriter {
  private ResultWriter() {}

  /**
   * @param request what was asked: a raw one has no texts, and log-probabilities only if it wanted
   *     them
   */
  static ObjectNode write(GenerationResult result, GenerationRequest request) {
    if (result.error() != null) {
      return Json.error(result.error());
    }
    ObjectNode json = Json.object();
    json.set("tokens", Json.array(result.tokens()));
    json.put("finish_reason", result.finishReason().wireName());
    json.set("usage", usage(result.usage()));
    if (request.isHarmony()) {
      json.put("response", result.response());
      json.put("reasoning", result.reasoning());
      if (result.commentary() != null && !result.commentary().isEmpty()) {
        json.put("commentary", result.commentary());
      }
      ArrayNode calls = json.putArray("tool_calls");
      for (ToolCall call : result.toolCalls()) {
        calls.add(toolCall(call));
      }
      if (result.salvaged()) {
        json.put("salvaged", true);
      }
      if (result.formed() != null) {
        writeOdds(result.formed(), json);
      }
    }
    if (request.sampling().logprobs() >= 0) {
      ArrayNode logprobs = json.putArray("logprobs");
      for (TokenLogprobs entry : result.logprobs()) {
        logprobs.add(logprobs(entry));
      }
    }
    return json;
  }

  private static void writeOdds(FormedAnswer answer, ObjectNode json) {
    if (answer.confidence() != null) {
      json.put("confidence", answer.confidence());
    }
    if (answer.probabilities() != null) {
      answer.probabilities().forEach(json.putObject("choice_probabilities")::put);
    }
  }

  static ObjectNode toolCall(ToolCall call) {
    return Json.object()
        .put("id", call.id())
        .put("name", call.name())
        .put("arguments", call.arguments());
  }

  static ObjectNode usage(Usage usage) {
    return Json.object()
        .put("input_tokens", usage.inputTokens())
        .put("output_tokens", usage.outputTokens())
        .put("total_tokens", usage.totalTokens())
        .put("reasoning_tokens", usage.reasoningTokens())
        .put("cached_tokens", usage.cachedTokens());
  }

  private static ObjectNode logprobs(TokenLogprobs entry) {
    ObjectNode json = logprob(entry.token(), entry.logprob());
    ArrayNode top = json.putArray("top");
    for (int i = 0; i < entry.topTokens().length; i++) {
      top.add(logprob(entry.topTokens()[i], entry.topLogprobs()[i]));
    }
    return json;
  }

  private static ObjectNode logprob(int token, float logprob) {
    return Json.object().put("token", token).put("logprob", logprob);
  }
}

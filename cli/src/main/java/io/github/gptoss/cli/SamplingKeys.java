package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The keys that say how tokens are chosen; their ranges are the builders' business. */
final class SamplingKeys {
  static final List<String> ALL =
      List.of(
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "repetition_penalty",
          "presence_penalty",
          "frequency_penalty",
          "logit_bias",
          "seed",
          "logprobs");

  private SamplingKeys() {}

  static void read(Fields fields, GenerationRequest.Builder request) {
    fields.number("temperature", request::temperature);
    fields.number("top_p", request::topP);
    fields.integer("top_k", request::topK);
    fields.number("min_p", request::minP);
    fields.number("repetition_penalty", request::repetitionPenalty);
    fields.number("presence_penalty", request::presencePenalty);
    fields.number("frequency_penalty", request::frequencyPenalty);
    fields.integer64("seed", request::seed);
    request.logitBias(logitBias(fields));
    logprobs(fields, request);
  }

  /** {@link #read(Fields, GenerationRequest.Builder)} for the sampler itself: temperature is 1. */
  static SamplingParams read(Fields fields) {
    SamplingParams.Builder params = SamplingParams.builder();
    fields.number("temperature", params::temperature);
    fields.number("top_p", params::topP);
    fields.integer("top_k", params::topK);
    fields.number("min_p", params::minP);
    fields.number("repetition_penalty", params::repetitionPenalty);
    fields.number("presence_penalty", params::presencePenalty);
    fields.number("frequency_penalty", params::frequencyPenalty);
    fields.integer64("seed", params::seed);
    return params.logitBias(LogitBias.of(logitBias(fields))).build();
  }

  /** True asks for the generated tokens' own log-probabilities, without alternatives. */
  private static void logprobs(Fields fields, GenerationRequest.Builder request) {
    JsonNode node = fields.node("logprobs");
    if (node != null && node.isBoolean()) {
      request.logprobs(node.booleanValue() ? 0 : -1);
    } else {
      fields.integer("logprobs", request::logprobs);
    }
  }

  private static Map<Integer, Float> logitBias(Fields fields) {
    Map<Integer, Float> bias = new TreeMap<>();
    JsonNode node = fields.node("logit_bias");
    if (node == null) {
      return bias;
    }
    if (!(node instanceof ObjectNode object)) {
      throw fields.wrongType("logit_bias", node, "an object of token ids and numbers");
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      bias.put(
          id(entry.getKey()), (float) Fields.number("a value of logit_bias", entry.getValue()));
    }
    return bias;
  }

  private static int id(String key) {
    try {
      return Integer.parseInt(key);
    } catch (NumberFormatException e) {
      throw CliErrors.wrongType("a key of logit_bias", "no integer", "a token id");
    }
  }
}

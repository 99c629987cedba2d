package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParameter;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The keys that say how tokens are chosen; their ranges are SamplingParameter's business. */
final class SamplingKeys {
  static final List<String> ALL =
      Stream.concat(
              Arrays.stream(SamplingParameter.values()).map(SamplingParameter::key),
              Stream.of("logit_bias"))
          .toList();

  private SamplingKeys() {}

  /** Sets what the keys say; what they leave out stays as the builder has it. */
  static SamplingParams read(Fields fields, SamplingParams.Builder params) {
    for (SamplingParameter parameter : SamplingParameter.values()) {
      JsonNode node = fields.node(parameter.key());
      if (parameter == SamplingParameter.LOGPROBS && node != null && node.isBoolean()) {
        // True asks for the generated tokens' own log-probabilities, without alternatives.
        params.logprobs(node.booleanValue() ? 0 : -1);
        continue;
      }
      switch (parameter.type()) {
        case NUMBER -> fields.number(parameter.key(), value -> parameter.set(params, value));
        case INTEGER -> fields.integer(parameter.key(), value -> parameter.set(params, value));
        case LONG -> fields.integer64(parameter.key(), value -> parameter.set(params, value));
      }
    }
    return params.logitBias(LogitBias.of(logitBias(fields))).build();
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

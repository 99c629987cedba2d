package io.github.gptoss.spark.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.spark.conf.OptionKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects what a body says as options of its row; their ranges are the options' business. */
final class Parameters {
  /** Parameters of both endpoints that say nothing about an answer. */
  static final String[] WITHOUT_EFFECT = {
    "user",
    "metadata",
    "store",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    // The models make one call at a time in any case.
    "parallel_tool_calls"
  };

  private final Map<String, String> values = new LinkedHashMap<>();

  void put(OptionKey key, String value) {
    if (value != null) {
      values.put(key.optionName(), value);
    }
  }

  void put(OptionKey key, JsonNode json) {
    put(key, json == null ? null : json.toString());
  }

  /** Numbers whose names are the same everywhere, vLLM's among them. */
  void sampling(BodyFields body) {
    for (OptionKey key :
        new OptionKey[] {
          OptionKey.TEMPERATURE,
          OptionKey.TOP_P,
          OptionKey.MIN_P,
          OptionKey.PRESENCE_PENALTY,
          OptionKey.FREQUENCY_PENALTY,
          OptionKey.REPETITION_PENALTY
        }) {
      put(key, body.number(key.optionName()));
    }
    for (OptionKey key :
        new OptionKey[] {OptionKey.TOP_K, OptionKey.SEED, OptionKey.MAX_REASONING_TOKENS}) {
      put(key, body.integer(key.optionName()));
    }
  }

  /** Whether the model may call tools; one that may not is not told of any. */
  static boolean calls(BodyFields body) {
    JsonNode choice = body.node("tool_choice");
    if (choice == null || choice.asText().equals("auto")) {
      return true;
    }
    if (choice.asText().equals("none")) {
      return false;
    }
    throw BatchErrors.unsupported(
        "body.tool_choice", "is served as auto and none only: the models choose for themselves");
  }

  Map<String, String> map() {
    return values;
  }
}

package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

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

  private final Map<OptionKey, JsonNode> values = new EnumMap<>(OptionKey.class);

  /** Reads every field that the option table names for the endpoint. */
  Parameters(BodyFields body, OptionKey.Endpoint endpoint) {
    for (OptionKey key : OptionKey.values()) {
      for (String field : key.bodyFields(endpoint)) {
        JsonNode value = body.value(field, key.kind());
        if (value != null) {
          values.putIfAbsent(key, value);
        }
      }
    }
    if (!calls(body)) {
      values.remove(OptionKey.TOOLS);
    }
  }

  /** Changes a value, if there is one, to what the option takes. */
  void change(OptionKey key, UnaryOperator<JsonNode> change) {
    values.computeIfPresent(key, (same, value) -> change.apply(value));
  }

  /** Whether the model may call tools; one that may not is not told of any. */
  private static boolean calls(BodyFields body) {
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

  /** Values of options by their names. */
  Map<String, String> map() {
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((key, value) -> texts.put(key.optionName(), text(key, value)));
    return texts;
  }

  private static String text(OptionKey key, JsonNode value) {
    return switch (key.kind()) {
      case STRING -> value.textValue();
      // A list in any case: a string that begins with a bracket would be read as one.
      case STRING_LIST ->
          (value.isArray() ? value : BatchJson.MAPPER.createArrayNode().add(value)).toString();
      case FLAG_OR_NAMES -> value.isTextual() ? value.textValue() : value.toString();
      default -> value.toString();
    };
  }
}

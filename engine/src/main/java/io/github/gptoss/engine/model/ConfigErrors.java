package io.github.gptoss.engine.model;

import static io.github.gptoss.engine.json.FileError.error;
import static io.github.gptoss.engine.json.UntrustedText.oneLine;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.error.InvalidModelException;
import java.nio.file.Path;

/** The errors of model configurations, each one line: file, key, actual, expected, way out. */
final class ConfigErrors {
  private static final String FIX = " Use the file that came with the model's weights, unchanged.";

  private ConfigErrors() {}

  static InvalidModelException value(Path file, String key, JsonNode actual, String expected) {
    return error("%s: '%s' is %s, expected %s.%s", file, key, show(actual), expected, FIX);
  }

  static InvalidModelException disagree(
      Path file, String key, Object actual, String otherKey, Object other, String expected) {
    return error(
        "%s: '%s' is %s but '%s' is %s, expected %s.%s",
        file, key, actual, otherKey, other, expected, FIX);
  }

  static InvalidModelException unsupported(
      Path file, String key, JsonNode actual, String supported) {
    return error(
        "%s: '%s' is %s, expected %s: nothing else is supported. Use a gpt-oss checkpoint"
            + " (openai/gpt-oss-20b, openai/gpt-oss-120b or one fine-tuned from them).",
        file, key, show(actual), supported);
  }

  static InvalidModelException noModelType(Path file) {
    return error(
        "%s: has no 'model_type', expected \"gpt_oss\" (or the keys of OpenAI's"
            + " original/config.json). Use the config.json of a gpt-oss checkpoint.",
        file);
  }

  static InvalidModelException adapter(Path file) {
    return error(
        "%s: has 'peft_type': this is a LoRA adapter, expected a whole gpt-oss model. Give the"
            + " folder of the base model.",
        file);
  }

  private static String show(JsonNode value) {
    if (value.isMissingNode()) {
      return "missing";
    }
    if (value.isTextual()) {
      return '"' + oneLine(value.textValue()) + '"';
    }
    if (value.isContainerNode()) {
      return value.isArray() ? "an array of " + value.size() : "an object";
    }
    return oneLine(value.asText());
  }
}

package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * Whether an answer has the form that OpenAI's {@code response_format} asks for: any JSON object
 * for {@code json_object}, what {@link JsonSchema} says for {@code json_schema}, anything else for
 * {@code text}.
 */
record ResponseForm(String type, JsonNode schema) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * @param responseFormat checked JSON; null for any form
   */
  static ResponseForm of(String responseFormat) {
    JsonNode format = responseFormat == null ? MissingNode.getInstance() : parsed(responseFormat);
    return new ResponseForm(
        format.path("type").asText("text"), format.path("json_schema").path("schema"));
  }

  boolean fits(String answer) {
    return switch (type) {
      case "json_object" -> parsed(answer).isObject();
      case "json_schema" -> {
        JsonNode json = parsed(answer);
        yield !json.isMissingNode() && JsonSchema.fits(json, schema);
      }
      default -> true;
    };
  }

  /** A missing node where the text is no JSON. */
  private static JsonNode parsed(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}

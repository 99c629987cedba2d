package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads what the model wrote as a call's arguments. */
final class Arguments {
  static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

  private Arguments() {}

  /**
   * A JSON object; a call without arguments has an empty one.
   *
   * @throws ToolException if it is none
   */
  static ObjectNode object(String arguments) throws ToolException {
    if (arguments.isBlank()) {
      return JSON.createObjectNode();
    }
    try {
      if (JSON.readTree(arguments) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new ToolException("the arguments are not valid JSON: write one JSON object");
    }
    throw new ToolException("the arguments are no JSON object: write one");
  }
}

package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.Map;
import java.util.function.Function;

/**
 * One line of a batch file, read as far as it can be: what is wrong with it is its {@code error},
 * and what was read before stays.
 *
 * @param customId null where there is none
 * @param body JSON; null where there is none
 * @param messages message JSON; null where there is an error
 * @param parameters values of the connector's options by name
 * @param error null where nothing is wrong
 */
record RequestLine(
    String customId,
    String method,
    String url,
    String model,
    String body,
    String messages,
    Map<String, String> parameters,
    InvalidRequestException error) {
  static final String CHAT = "/v1/chat/completions";
  static final String RESPONSES = "/v1/responses";

  private static final Map<String, Function<BodyFields, RequestBody>> BODIES =
      Map.of(CHAT, RequestBody::ofChat, RESPONSES, ResponsesBody::read);

  /**
   * @param line without its line break
   * @param valid whether its bytes are UTF-8
   * @param first whether no earlier line has its custom_id
   */
  static RequestLine read(String line, boolean valid, boolean first) {
    ObjectNode json;
    try {
      json = BatchJson.object(line, valid);
    } catch (InvalidRequestException e) {
      return new RequestLine(null, null, null, null, null, null, Map.of(), e);
    }
    JsonNode body = json.get("body");
    String bodyText = body == null || body.isNull() ? null : body.toString();
    RequestBody request = null;
    InvalidRequestException error = null;
    try {
      request = request(json, first);
    } catch (InvalidRequestException e) {
      error = e;
    }
    return new RequestLine(
        scalar(json.get("custom_id")),
        text(json.get("method")),
        text(json.get("url")),
        body == null ? null : text(body.get("model")),
        bodyText,
        request == null ? null : request.messages(),
        request == null ? Map.of() : request.parameters(),
        error);
  }

  private static RequestBody request(ObjectNode json, boolean first) {
    if (required(json, "custom_id").isEmpty()) {
      throw BatchErrors.missing("custom_id", "a string that is not empty");
    }
    if (!first) {
      throw BatchErrors.duplicate();
    }
    if (!required(json, "method").equals("POST")) {
      throw BatchErrors.method();
    }
    Function<BodyFields, RequestBody> reader = BODIES.get(required(json, "url"));
    if (reader == null) {
      throw BatchErrors.url(BODIES.keySet().stream().sorted().toList());
    }
    JsonNode body = json.get("body");
    if (body == null || body.isNull()) {
      throw BatchErrors.missing("body", "an object");
    }
    if (!(body instanceof ObjectNode object)) {
      throw BatchErrors.wrongType("body", "an object");
    }
    return reader.apply(new BodyFields(object, "body"));
  }

  private static String required(ObjectNode json, String name) {
    JsonNode node = json.get(name);
    if (node == null || node.isNull()) {
      throw BatchErrors.missing(name, "a string");
    }
    if (!node.isTextual()) {
      throw BatchErrors.wrongType(name, "a string");
    }
    return node.textValue();
  }

  private static String text(JsonNode node) {
    return node == null ? null : node.textValue();
  }

  /** What a wrong custom_id says is kept, since it is what its owner looks for. */
  private static String scalar(JsonNode node) {
    return node == null || node.isNull() || node.isContainerNode() ? null : node.asText();
  }
}

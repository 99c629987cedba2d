package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.Map;

/**
 * What a body asks, in the connector's terms.
 *
 * @param messages message JSON
 * @param parameters values of options by name
 */
record RequestBody(String messages, Map<String, String> parameters) {
  /**
   * Reads a body for {@code /v1/chat/completions}.
   *
   * @throws io.github.gptoss.engine.error.InvalidRequestException if it cannot be served as it is
   */
  static RequestBody ofChat(BodyFields body) {
    JsonNode messages =
        body.required("messages", node -> node.isArray() && !node.isEmpty(), "a list of messages");
    body.text("model");
    Parameters parameters = new Parameters(body, OptionKey.Endpoint.CHAT_COMPLETIONS);

    body.only("stream", BooleanNode.FALSE);
    body.only("logprobs", BooleanNode.FALSE);
    body.only("top_logprobs", IntNode.valueOf(0));
    body.only("verbosity", TextNode.valueOf("medium"));
    body.only("modalities", BatchJson.MAPPER.createArrayNode().add("text"));
    body.refuse("audio", "functions", "function_call", "web_search_options");
    body.ignore(Parameters.WITHOUT_EFFECT);
    body.ignore("stream_options", "prediction", "include_reasoning");
    body.end();
    return new RequestBody(messages.toString(), parameters.map());
  }
}

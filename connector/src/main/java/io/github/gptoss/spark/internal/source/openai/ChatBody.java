package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptoss.spark.internal.options.OpenAiEndpoint;

/** A body for {@code /v1/chat/completions}. */
final class ChatBody {
  private ChatBody() {}

  static RequestBody read(BodyFields body) {
    JsonNode messages =
        body.required("messages", node -> node.isArray() && !node.isEmpty(), "a list of messages");
    body.text("model");
    Parameters parameters = new Parameters(body, OpenAiEndpoint.CHAT_COMPLETIONS);

    body.only("n", IntNode.valueOf(1));
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

package io.github.gptoss.spark.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptoss.spark.conf.OptionKey;

/** A body for {@code /v1/chat/completions}. */
final class ChatBody {
  private ChatBody() {}

  static RequestBody read(BodyFields body) {
    JsonNode messages =
        body.required("messages", node -> node.isArray() && !node.isEmpty(), "a list of messages");
    body.text("model");
    Parameters parameters = new Parameters();
    parameters.put(OptionKey.REASONING_EFFORT, effort(body));
    String completionTokens = body.integer("max_completion_tokens");
    String tokens = body.integer("max_tokens");
    parameters.put(OptionKey.MAX_TOKENS, completionTokens == null ? tokens : completionTokens);
    parameters.put(OptionKey.RESPONSE_FORMAT, body.object("response_format"));
    parameters.put(OptionKey.STOP, stop(body));
    parameters.put(OptionKey.LOGIT_BIAS, body.object("logit_bias"));
    parameters.sampling(body);
    JsonNode tools = body.array("tools");
    parameters.put(OptionKey.TOOLS, Parameters.calls(body) ? tools : null);

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

  /** OpenAI's own name, or the one of OpenRouter and others. */
  private static String effort(BodyFields body) {
    String effort = body.text("reasoning_effort");
    BodyFields reasoning = body.fields("reasoning");
    if (reasoning == null) {
      return effort;
    }
    String other = reasoning.text("effort");
    reasoning.end();
    return effort == null ? other : effort;
  }

  /** A list in any case: a string that begins with a bracket would be read as one. */
  private static JsonNode stop(BodyFields body) {
    JsonNode stop = body.node("stop");
    if (stop == null || stop.isArray()) {
      return stop;
    }
    if (!stop.isTextual()) {
      throw BatchErrors.wrongType("body.stop", "a string or a list of strings");
    }
    return BatchJson.MAPPER.createArrayNode().add(stop);
  }
}

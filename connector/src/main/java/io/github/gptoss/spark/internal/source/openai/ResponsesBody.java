package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptoss.spark.internal.options.OptionKey;

/** A body for {@code /v1/responses}, whose items become messages of the chat API. */
final class ResponsesBody {
  private ResponsesBody() {}

  /**
   * @throws io.github.gptoss.engine.error.InvalidRequestException if it cannot be served as it is
   */
  static RequestBody read(BodyFields body) {
    ArrayNode messages = BatchJson.MAPPER.createArrayNode();
    String instructions = body.text("instructions");
    if (instructions != null) {
      messages.addObject().put("role", "developer").put("content", instructions);
    }
    JsonNode input =
        body.required(
            "input",
            node -> node.isTextual() || (node.isArray() && !node.isEmpty()),
            "a string or a list of items");
    if (input.isTextual()) {
      messages.addObject().put("role", "user").put("content", input.textValue());
    }
    for (int i = 0; i < input.size(); i++) {
      add(input.get(i), "body.input[" + i + "]", messages);
    }
    body.text("model");
    Parameters parameters = new Parameters(body, OptionKey.Endpoint.RESPONSES);
    parameters.change(OptionKey.RESPONSE_FORMAT, ResponsesBody::format);
    parameters.change(OptionKey.TOOLS, ResponsesBody::tools);
    BodyFields reasoning = body.fields("reasoning");
    if (reasoning != null) {
      reasoning.ignore("summary", "generate_summary");
    }
    BodyFields text = body.fields("text");
    if (text != null) {
      text.only("verbosity", TextNode.valueOf("medium"));
    }

    body.only("stream", BooleanNode.FALSE);
    body.only("background", BooleanNode.FALSE);
    body.only("top_logprobs", IntNode.valueOf(0));
    body.only("truncation", TextNode.valueOf("disabled"));
    body.refuse("previous_response_id", "conversation", "prompt");
    body.ignore(Parameters.WITHOUT_EFFECT);
    body.ignore("include", "max_tool_calls", "stream_options");
    body.end();
    return new RequestBody(messages.toString(), parameters.map());
  }

  private static void add(JsonNode node, String where, ArrayNode messages) {
    if (!(node instanceof ObjectNode item)) {
      throw BatchErrors.wrongType(where, "an object");
    }
    switch (item.path("type").asText("message")) {
      case "message" -> {
        ObjectNode message = messages.addObject();
        message.<ObjectNode>set("role", item.get("role")).set("content", item.get("content"));
        if (item.has("refusal")) {
          message.set("refusal", item.get("refusal"));
        }
      }
      case "function_call" -> {
        ObjectNode call =
            messages.addObject().put("role", "assistant").putArray("tool_calls").addObject();
        call.set("id", item.get("call_id"));
        call.putObject("function")
            .<ObjectNode>set("name", item.get("name"))
            .set("arguments", item.get("arguments"));
      }
      case "function_call_output" ->
          messages
              .addObject()
              .put("role", "tool")
              .<ObjectNode>set("tool_call_id", item.get("call_id"))
              .set("content", item.get("output"));
      case "reasoning" -> addReasoning(item, messages);
      default ->
          throw BatchErrors.unsupported(
              where + ".type",
              "is served as message, function_call, function_call_output and reasoning only");
    }
  }

  /** A summary is what a user was shown; only the reasoning itself is part of the conversation. */
  private static void addReasoning(ObjectNode item, ArrayNode messages) {
    StringBuilder reasoning = new StringBuilder();
    for (JsonNode part : item.path("content")) {
      reasoning.append(part.path("text").asText());
    }
    if (!reasoning.isEmpty()) {
      messages.addObject().put("role", "assistant").put("reasoning", reasoning.toString());
    }
  }

  /** The chat API has a schema's fields one level deeper. */
  private static JsonNode format(JsonNode format) {
    if (!format.path("type").asText().equals("json_schema")) {
      return format;
    }
    ObjectNode schema = format.deepCopy();
    schema.remove("type");
    ObjectNode chat = BatchJson.MAPPER.createObjectNode().put("type", "json_schema");
    chat.set("json_schema", schema);
    return chat;
  }

  /** As {@link #format}. */
  private static JsonNode tools(JsonNode tools) {
    ArrayNode chat = BatchJson.MAPPER.createArrayNode();
    for (JsonNode tool : tools) {
      if (tool instanceof ObjectNode flat && !flat.has("function")) {
        if (!flat.path("type").asText().equals("function")) {
          throw BatchErrors.unsupported(
              "body.tools", "may have functions only: other tools are not run");
        }
        ObjectNode function = flat.deepCopy();
        function.remove("type");
        chat.addObject().put("type", "function").set("function", function);
      } else {
        chat.add(tool);
      }
    }
    return chat;
  }
}

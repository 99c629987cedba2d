package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.spark.sql.Row;

/** A completion as the chat API's {@code chat.completion} object. */
final class ChatAnswer {
  private ChatAnswer() {}

  /**
   * @param model the name that the request gave; null where it gave none
   */
  static ObjectNode body(Row completion, AnswerIds ids, String model, long createdSeconds) {
    ObjectNode body = BatchJson.MAPPER.createObjectNode();
    body.put("id", ids.of("chatcmpl-"));
    body.put("object", "chat.completion");
    body.put("created", createdSeconds);
    body.put("model", model);
    ArrayNode choices = body.putArray("choices");
    List<Row> samples = AnswerLine.samples(completion);
    for (Row sample : samples) {
      choice(sample, choices.addObject().put("index", sample.<Integer>getAs("index")));
    }
    if (samples.isEmpty()) {
      choice(completion, choices.addObject().put("index", 0));
    }
    if (AnswerLine.isVoted(completion)) {
      ((ObjectNode) choices.get(0)).put("vote_share", completion.<Double>getAs("vote_share"));
    }
    usage(completion.getAs("usage"), body.putObject("usage"));
    return body;
  }

  private static void choice(Row completion, ObjectNode choice) {
    message(completion, choice.putObject("message"));
    choice.putNull("logprobs");
    choice.put("finish_reason", completion.<String>getAs("finish_reason"));
    String code = completion.getAs("error_code");
    if (code != null) {
      // Of one among others: a request of which all choices are errors is one itself.
      choice
          .putObject("error")
          .put("code", code)
          .put("message", completion.<String>getAs("error_message"));
    }
  }

  private static void message(Row completion, ObjectNode message) {
    String response = completion.getAs("response");
    String reasoning = completion.getAs("reasoning");
    List<Row> calls = AnswerLine.openCalls(completion);
    message.put("role", "assistant");
    message.put("content", calls.isEmpty() || !response.isEmpty() ? response : null);
    message.putNull("refusal");
    if (reasoning != null && !reasoning.isEmpty()) {
      message.put("reasoning", reasoning);
    }
    if (!calls.isEmpty()) {
      ArrayNode list = message.putArray("tool_calls");
      for (Row call : calls) {
        ObjectNode out = list.addObject();
        out.put("id", call.getString(0));
        out.put("type", "function");
        out.putObject("function")
            .put("name", call.getString(1))
            .put("arguments", call.getString(2));
      }
    }
  }

  private static void usage(Row usage, ObjectNode out) {
    out.put("prompt_tokens", usage.<Integer>getAs("input_tokens"));
    out.put("completion_tokens", usage.<Integer>getAs("output_tokens"));
    out.put("total_tokens", usage.<Integer>getAs("total_tokens"));
    out.putObject("prompt_tokens_details")
        .put("cached_tokens", usage.<Integer>getAs("cached_tokens"));
    out.putObject("completion_tokens_details")
        .put("reasoning_tokens", usage.<Integer>getAs("reasoning_tokens"));
  }
}

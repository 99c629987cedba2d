package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.spark.sql.Row;

/** A completion as the responses API's {@code response} object. */
record ResponseAnswer(Row completion, AnswerIds ids) {
  /**
   * @param model the name that the request gave; null where it gave none
   */
  ObjectNode body(String model, long createdSeconds) {
    boolean cut = "length".equals(completion.<String>getAs("finish_reason"));
    String status = cut ? "incomplete" : "completed";
    ObjectNode body = BatchJson.MAPPER.createObjectNode();
    body.put("id", ids.of("resp_"));
    body.put("object", "response");
    body.put("created_at", createdSeconds);
    body.put("status", status);
    body.putNull("error");
    if (cut) {
      body.putObject("incomplete_details").put("reason", "max_output_tokens");
    } else {
      body.putNull("incomplete_details");
    }
    body.put("model", model);
    output(body.putArray("output"), status);
    usage(completion.getAs("usage"), body.putObject("usage"));
    return body;
  }

  private void output(ArrayNode output, String status) {
    String reasoning = completion.getAs("reasoning");
    if (reasoning != null && !reasoning.isEmpty()) {
      ObjectNode item = output.addObject();
      item.put("type", "reasoning").put("id", ids.of("rs_"));
      item.putArray("summary");
      item.putArray("content").addObject().put("type", "reasoning_text").put("text", reasoning);
    }
    String response = completion.getAs("response");
    List<Row> calls = AnswerLine.openCalls(completion);
    if (calls.isEmpty() || !response.isEmpty()) {
      ObjectNode item = output.addObject();
      item.put("type", "message").put("id", ids.of("msg_"));
      item.put("status", status).put("role", "assistant");
      ObjectNode part = item.putArray("content").addObject();
      part.put("type", "output_text").put("text", response);
      part.putArray("annotations");
    }
    for (int i = 0; i < calls.size(); i++) {
      Row call = calls.get(i);
      output
          .addObject()
          .put("type", "function_call")
          .put("id", ids.of("fc_" + (i == 0 ? "" : i + "_")))
          .put("call_id", call.getString(0))
          .put("name", call.getString(1))
          .put("arguments", call.getString(2))
          .put("status", "completed");
    }
  }

  private static void usage(Row usage, ObjectNode out) {
    out.put("input_tokens", usage.<Integer>getAs("input_tokens"));
    out.putObject("input_tokens_details")
        .put("cached_tokens", usage.<Integer>getAs("cached_tokens"));
    out.put("output_tokens", usage.<Integer>getAs("output_tokens"));
    out.putObject("output_tokens_details")
        .put("reasoning_tokens", usage.<Integer>getAs("reasoning_tokens"));
    out.put("total_tokens", usage.<Integer>getAs("total_tokens"));
  }
}

package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;

/** One line of an output or error file. */
final class AnswerLine {
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int SERVER_ERROR = 500;

  private final Row row;
  private final Row completion;
  private final AnswerIds ids;
  private final long createdSeconds;

  /**
   * @param row custom_id, url, model, line, completion
   */
  AnswerLine(Row row, AnswerIds ids, long createdSeconds) {
    this.row = row;
    completion = row.getStruct(4);
    this.ids = ids;
    this.createdSeconds = createdSeconds;
  }

  boolean isError() {
    if (completion == null || isResponses()) {
      return completion == null || isError(completion);
    }
    List<Row> samples = samples(completion);
    return samples.isEmpty() ? isError(completion) : samples.stream().allMatch(AnswerLine::isError);
  }

  private static boolean isError(Row answer) {
    return answer.<String>getAs("error_code") != null
        || !Set.of("stop", "length", "tool_calls")
            .contains(String.valueOf(answer.<String>getAs("finish_reason")));
  }

  private boolean isResponses() {
    return RequestLine.RESPONSES.equals(row.getString(1));
  }

  /** The choices of an answer, where it has more than one: a vote leaves one. */
  static List<Row> samples(Row completion) {
    return has(completion, CompletionSchema.CHOICES) && !isVoted(completion)
        ? completion.getList(completion.fieldIndex(CompletionSchema.CHOICES))
        : List.of();
  }

  static boolean isVoted(Row completion) {
    return has(completion, CompletionSchema.VOTE_SHARE);
  }

  /** Whether a field is not null; completions that were stored earlier may be without it. */
  private static boolean has(Row completion, String field) {
    return Arrays.asList(completion.schema().fieldNames()).contains(field)
        && completion.getAs(field) != null;
  }

  ObjectNode toJson() {
    ObjectNode line = BatchJson.MAPPER.createObjectNode();
    line.put("id", ids.of("batch_req_"));
    line.put("custom_id", row.getString(0));
    if (isError()) {
      error(line);
    } else {
      ObjectNode body =
          isResponses()
              ? new ResponseAnswer(completion, ids).body(row.getString(2), createdSeconds)
              : ChatAnswer.body(completion, ids, row.getString(2), createdSeconds);
      response(line, OK, body);
      line.putNull("error");
    }
    return line;
  }

  /** The calls that are left to the user; those that tools answered are no part of an answer. */
  static List<Row> openCalls(Row completion) {
    List<Row> calls = completion.getList(completion.fieldIndex("tool_calls"));
    return calls.stream()
        .filter(call -> call.getAs("result") == null && call.getAs("error") == null)
        .toList();
  }

  private void response(ObjectNode line, int status, ObjectNode body) {
    ObjectNode response = line.putObject("response");
    response.put("status_code", status);
    response.put("request_id", ids.of("req_"));
    response.set("body", body);
  }

  private void error(ObjectNode line) {
    String code = completion == null ? "null_completion" : completion.getAs("error_code");
    String message =
        completion == null ? "the row has no completion" : completion.getAs("error_message");
    if (code == null) {
      code = "cancelled";
      message = "the request was cancelled before it was answered: run it again";
    }
    boolean ours = code.equals("internal_error") || code.equals("cancelled");
    ObjectNode body = BatchJson.MAPPER.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", ours ? "server_error" : "invalid_request_error")
        .putNull("param")
        .put("code", code);
    response(line, ours ? SERVER_ERROR : BAD_REQUEST, body);
    ObjectNode error = line.putObject("error").put("code", code).put("message", message);
    if (!row.isNullAt(3)) {
      error.put("line", row.getLong(3));
    }
  }
}

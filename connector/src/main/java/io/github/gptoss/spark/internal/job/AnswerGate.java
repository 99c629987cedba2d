package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.Usage;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;

/** Whether a completion will do: no error, and a tool call or an answer. */
final class AnswerGate implements UDF1<Row, Boolean> {
  private static final long serialVersionUID = 1L;

  private final JobCounters counters;

  /**
   * @param counters told of completions that are to be made again
   */
  AnswerGate(JobCounters counters) {
    this.counters = counters;
  }

  @Override
  public Boolean call(Row completion) {
    String errorCode = completion.getAs("error_code");
    boolean passes = errorCode == null && isAnswer(completion);
    if (!passes) {
      counters.escalated(
          usage(completion.getAs("usage")), completion.getAs("finish_reason"), errorCode);
    }
    return passes;
  }

  private static Usage usage(Row usage) {
    return new Usage(
        usage.<Integer>getAs("input_tokens"),
        usage.<Integer>getAs("output_tokens"),
        usage.<Integer>getAs("reasoning_tokens"),
        usage.<Integer>getAs("cached_tokens"));
  }

  private boolean isAnswer(Row completion) {
    List<?> calls = completion.getList(completion.fieldIndex("tool_calls"));
    if (!calls.isEmpty()) {
      return true;
    }
    String response = completion.getAs("response");
    return response != null && !response.isBlank();
  }
}

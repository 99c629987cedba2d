package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.ArrayList;
import java.util.List;

/** An executor that answers calls one by one, so that the time limit is that of each. */
abstract class SingleCalls implements ToolExecutor {
  @Override
  public final int batchCalls() {
    return 1;
  }

  @Override
  public List<ToolResult> execute(List<ToolRequest> calls) throws InterruptedException {
    List<ToolResult> results = new ArrayList<>(calls.size());
    for (ToolRequest call : calls) {
      try {
        results.add(ToolResult.of(answer(call)));
      } catch (ToolException e) {
        results.add(ToolResult.failed(e.getMessage()));
      } catch (RuntimeException e) { // A fault of the tool's is no other call's, nor the model's.
        ToolLog.LOG.warn("a call of {} failed", call.function(), e);
        results.add(ToolResult.failed("the tool failed"));
      }
    }
    return results;
  }

  /** The value of a call. */
  abstract String answer(ToolRequest call) throws ToolException, InterruptedException;
}

package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.List;
import java.util.Set;

/** Gives arguments back; found by the service loader of tests. */
public final class EchoExecutor implements ToolExecutor {
  @Override
  public Set<String> functions() {
    return Set.of("echo");
  }

  @Override
  public List<ToolResult> execute(List<ToolRequest> calls) {
    return calls.stream().map(call -> ToolResult.of(call.arguments())).toList();
  }
}

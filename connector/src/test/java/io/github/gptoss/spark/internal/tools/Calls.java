package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls as tests make them. */
final class Calls {
  private Calls() {}

  static ToolRequest of(String function, String arguments) {
    return new ToolRequest("call_1", function, arguments, List.of());
  }

  /** The only result of one call. */
  static ToolResult run(ToolExecutor tool, String function, String arguments) throws Exception {
    List<ToolResult> results = tool.execute(List.of(of(function, arguments)));
    return results.get(0);
  }

  static OptionValues options(String... namesAndValues) {
    Map<String, String> options = new HashMap<>(Map.of("model", "demo"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      options.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return OptionValues.resolve(options, Map.of());
  }
}

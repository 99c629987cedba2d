package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.List;

/**
 * What a generation has of which a turn has the whole.
 *
 * @param reasoning null where the generation has failed at once, as is {@code commentary}
 */
public record Said(List<ToolCall> calls, String reasoning, String commentary, boolean salvaged) {
  public static Said of(GenerationResult result) {
    return new Said(result.toolCalls(), result.reasoning(), result.commentary(), result.salvaged());
  }
}

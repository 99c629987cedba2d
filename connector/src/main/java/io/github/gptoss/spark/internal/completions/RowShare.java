package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.Usage;
import java.nio.IntBuffer;

/**
 * What a completion has of its row rather than of its generation, which several rows may share.
 *
 * @param prompt the prompt's ids where they are to be returned, else null
 * @param effort the reasoning effort that the prompt says; null where none applies
 * @param earlier what earlier generations of the row took
 * @param rounds what the row's turn has of them
 */
public record RowShare(IntBuffer prompt, String effort, Usage earlier, ToolRounds rounds) {
  /** Tokens of no attempt. */
  public static final Usage NOTHING = new Usage(0, 0, 0, 0);

  /** Of a generation that is kept for any row. */
  public static final RowShare NONE = new RowShare(null, null, NOTHING, ToolRounds.NONE);

  /** The tokens of all but one attempt. */
  public static Usage minus(Usage all, Usage one) {
    return new Usage(
        all.inputTokens() - one.inputTokens(),
        all.outputTokens() - one.outputTokens(),
        all.reasoningTokens() - one.reasoningTokens(),
        all.cachedTokens() - one.cachedTokens());
  }

  /** The tokens of two attempts. */
  public static Usage sum(Usage a, Usage b) {
    return new Usage(
        a.inputTokens() + b.inputTokens(),
        a.outputTokens() + b.outputTokens(),
        a.reasoningTokens() + b.reasoningTokens(),
        a.cachedTokens() + b.cachedTokens());
  }
}

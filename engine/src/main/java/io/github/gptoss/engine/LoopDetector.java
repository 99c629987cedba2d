package io.github.gptoss.engine;

import io.github.gptoss.engine.tokenizer.TokenList;
import java.util.Arrays;

/** Finds out whether a generation repeats itself over a span of tokens at its end; 0 is off. */
record LoopDetector(int span) {
  /** The last tokens are looked at when this many more have come. */
  private static final int EVERY_TOKENS = 16;

  private static final int LEAST_REPEATS = 3;

  /** Whether the last tokens are one cycle, repeated at least three times. */
  boolean found(TokenList output) {
    int size = output.size();
    if (span == 0 || size < span || size % EVERY_TOKENS != 0) {
      return false;
    }
    int[] tokens = output.copyOfRange(size - span, size);
    for (int period = 1; period <= span / LEAST_REPEATS; period++) {
      if (Arrays.equals(tokens, period, span, tokens, 0, span - period)) {
        return true;
      }
    }
    return false;
  }
}

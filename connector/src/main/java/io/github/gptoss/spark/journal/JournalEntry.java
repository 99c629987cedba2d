package io.github.gptoss.spark.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.TokenLogprobs;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.executor.CompletionKey;

/** A completion and what it is the completion of. */
record JournalEntry(CompletionKey key, GenerationResult result) {
  private static final int BYTES_PER_ENTRY = 128;

  /** Bytes that the entry takes in a segment, roughly and rather too many. */
  long heldBytes() {
    long bytes = BYTES_PER_ENTRY + (long) Integer.BYTES * result.tokens().length;
    bytes += chars(result.response()) + chars(result.reasoning());
    for (ToolCall call : result.toolCalls()) {
      bytes += chars(call.id()) + chars(call.name()) + chars(call.arguments());
    }
    for (TokenLogprobs token : result.logprobs()) {
      bytes += 3L * Integer.BYTES + 2L * Integer.BYTES * token.topTokens().length;
    }
    return bytes;
  }

  private static long chars(String text) {
    return text == null ? 0 : 2L * text.length();
  }
}

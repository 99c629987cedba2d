package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import java.util.concurrent.CompletableFuture;

/**
 * What a row has in hand while its completion is made.
 *
 * @param generation what the row takes part in; null where the completion is there already
 */
public record Ticket(
    CompletableFuture<GenerationResult> result, CompletionOrigin origin, Generation generation) {
  static Ticket of(GenerationResult result, CompletionOrigin origin) {
    return new Ticket(CompletableFuture.completedFuture(result), origin, null);
  }

  /** When the completion was there, in milliseconds since the epoch. */
  public long endedMillis() {
    return generation == null ? System.currentTimeMillis() : generation.endedMillis();
  }

  /** The row is no longer wanted; to be called at most once. */
  public void cancel() {
    if (generation != null) {
      generation.leave();
    }
  }
}

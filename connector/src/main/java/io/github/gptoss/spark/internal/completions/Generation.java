package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One generation in the engine and the rows that wait for it. It is cancelled when the last of them
 * leaves.
 */
public final class Generation {
  /** Hands the request to the engine. */
  @FunctionalInterface
  public interface Submission {
    CompletableFuture<GenerationResult> submit() throws InterruptedException;
  }

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

  private final BiConsumer<Generation, GenerationResult> atEnd;
  private CompletableFuture<GenerationResult> inEngine;
  private CompletableFuture<GenerationResult> result;
  private int waiting;
  private boolean abandoned;
  private volatile long endedMillis;

  /**
   * @param atEnd gets the completion, or null for one that failed, was cancelled or is an error; on
   *     the engine's thread
   */
  public Generation(BiConsumer<Generation, GenerationResult> atEnd) {
    this.atEnd = atEnd;
  }

  /**
   * Takes part, and begins the generation if no row did.
   *
   * @param generated gets the completion if this call begins, after {@code atEnd} and on its terms;
   *     what it throws, all who wait get
   * @return null if all rows have left, or the row that was to begin could not
   */
  public synchronized Ticket join(Submission submission, Consumer<GenerationResult> generated)
      throws InterruptedException {
    if (abandoned) {
      return null;
    }
    CompletionOrigin origin = CompletionOrigin.SHARED;
    if (inEngine == null) {
      // Until it is there, there is nothing that another row could join.
      abandoned = true;
      inEngine = submission.submit();
      abandoned = false;
      result = inEngine.whenComplete((done, failure) -> end(worthKeeping(done), generated));
      origin = CompletionOrigin.GENERATED;
    }
    waiting++;
    return new Ticket(result, origin, this);
  }

  /** In milliseconds since the epoch; of use once the result is there. */
  long endedMillis() {
    return endedMillis;
  }

  private void end(GenerationResult done, Consumer<GenerationResult> generated) {
    endedMillis = System.currentTimeMillis();
    atEnd.accept(this, done);
    if (done != null) {
      generated.accept(done);
    }
  }

  private static GenerationResult worthKeeping(GenerationResult done) {
    return done == null || done.error() != null || done.finishReason() == FinishReason.CANCELLED
        ? null
        : done;
  }

  /** One row less waits. */
  synchronized void leave() {
    if (--waiting == 0 && !inEngine.isDone()) {
      abandoned = true;
      inEngine.cancel(true);
    }
  }
}

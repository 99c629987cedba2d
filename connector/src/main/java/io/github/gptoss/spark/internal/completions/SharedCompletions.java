package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What the rows of a stage that ask the same share, among all tasks of this executor: a generation
 * while it goes on, its completion for as long as there is room. Thread-safe.
 */
public final class SharedCompletions {
  /** Completions kept after their rows have gone, for rows that come later. */
  private static final long KEPT_BYTES = 64L << 20;

  /** Where rows share: attempts of one stage have one id, which is unique in its application. */
  public record Stage(String application, int id) {}

  private record Shared(Stage stage, CompletionKey key) {}

  private final ConcurrentHashMap<Shared, Generation> inFlight = new ConcurrentHashMap<>();
  private final RecentResults<Shared> finished;

  public SharedCompletions() {
    this(KEPT_BYTES);
  }

  SharedCompletions(long keptBytes) {
    finished = new RecentResults<>(keptBytes);
  }

  /**
   * Takes part in the generation of this key, and begins it if no row did.
   *
   * @param generated told of the completion if this call begins the generation
   */
  public Generation.Ticket ask(
      Stage stage,
      CompletionKey key,
      Generation.Submission submission,
      Consumer<GenerationResult> generated)
      throws InterruptedException {
    Shared shared = new Shared(stage, key);
    while (true) {
      Generation generation =
          inFlight.computeIfAbsent(
              shared, absent -> new Generation((ended, done) -> end(shared, ended, done)));
      Generation.Ticket ticket = null;
      try {
        // Only now: one that was in flight before has been put here before it left the map.
        GenerationResult known = finished.get(shared);
        if (known != null) {
          return Generation.Ticket.of(known, CompletionOrigin.SHARED);
        }
        ticket = generation.join(submission, generated);
      } finally {
        if (ticket == null) {
          inFlight.remove(shared, generation);
        }
      }
      if (ticket != null) {
        return ticket;
      }
    }
  }

  private void end(Shared shared, Generation ended, GenerationResult done) {
    if (done != null) {
      // Before it leaves the map, so that at every moment the one or the other has it.
      finished.put(shared, done);
    }
    inFlight.remove(shared, ended);
  }
}

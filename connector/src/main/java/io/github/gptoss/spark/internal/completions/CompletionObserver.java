package io.github.gptoss.spark.internal.completions;

import java.io.Serializable;

/**
 * Is told of every completion when it is there, on the executor and the task's thread: rows before
 * it may still be in the engine, and it leaves when they have left.
 */
@FunctionalInterface
public interface CompletionObserver extends Serializable {
  CompletionObserver NONE = (completion, origin, endedMillis) -> {};

  /**
   * @param endedMillis when the engine was done with it, since the epoch; now, where it was not the
   *     engine's to do
   */
  void completed(CompletionFacts completion, CompletionOrigin origin, long endedMillis);

  /** The same of a completion that does not do, whose row is asked again at a higher effort. */
  default void askedAgain(CompletionFacts attempt, CompletionOrigin origin, long endedMillis) {}

  /**
   * The same of an answer to a part of a row, of a generation whose calls tools answer, and of each
   * sample of a row but the last, whose end is the row's; of the last, too, where the row's samples
   * have not all one origin.
   */
  default void partly(CompletionFacts part, CompletionOrigin origin, long endedMillis) {}

  /** Is told of a file of kept completions that could not be used, and why. */
  default void skipped(String file, String reason) {}

  /** Two observers. */
  record Both(CompletionObserver first, CompletionObserver second) implements CompletionObserver {
    @Override
    public void completed(CompletionFacts completion, CompletionOrigin origin, long endedMillis) {
      first.completed(completion, origin, endedMillis);
      second.completed(completion, origin, endedMillis);
    }

    @Override
    public void askedAgain(CompletionFacts attempt, CompletionOrigin origin, long endedMillis) {
      first.askedAgain(attempt, origin, endedMillis);
      second.askedAgain(attempt, origin, endedMillis);
    }

    @Override
    public void partly(CompletionFacts part, CompletionOrigin origin, long endedMillis) {
      first.partly(part, origin, endedMillis);
      second.partly(part, origin, endedMillis);
    }

    @Override
    public void skipped(String file, String reason) {
      first.skipped(file, reason);
      second.skipped(file, reason);
    }
  }

  /** Both observers, this one first. */
  default CompletionObserver and(CompletionObserver other) {
    return other == NONE ? this : new Both(this, other);
  }
}

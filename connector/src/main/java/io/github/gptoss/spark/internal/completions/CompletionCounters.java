package io.github.gptoss.spark.internal.completions;

import java.util.concurrent.atomic.LongAdder;

/** Counts the rows that this JVM completed; those of tasks that are run again count again. */
public final class CompletionCounters {
  private static final CompletionCounters SHARED = new CompletionCounters();

  private final LongAdder rows = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder deduplicated = new LongAdder();
  private final LongAdder resumed = new LongAdder();
  private final LongAdder cached = new LongAdder();

  /**
   * Counts since the JVM began.
   *
   * @param errors rows whose completion is an error
   * @param deduplicated rows that took the completion of another row that asked the same
   * @param resumed rows that took a completion which an earlier run had kept
   * @param cached rows that took a completion from the cache that runs share
   */
  public record Counts(long rows, long errors, long deduplicated, long resumed, long cached) {}

  /** This JVM's. */
  public static CompletionCounters shared() {
    return SHARED;
  }

  public void count(CompletionFacts completion, CompletionOrigin origin) {
    rows.increment();
    if (completion.isError()) {
      errors.increment();
    }
    switch (origin) {
      case GENERATED -> {}
      case SHARED -> deduplicated.increment();
      case RESUMED -> resumed.increment();
      case CACHED -> cached.increment();
    }
  }

  public Counts counts() {
    return new Counts(rows.sum(), errors.sum(), deduplicated.sum(), resumed.sum(), cached.sum());
  }
}

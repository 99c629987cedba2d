package io.github.gptoss.spark.internal.monitor;

import java.io.Serializable;
import java.util.List;

/**
 * What an executor tells the driver every few seconds. Figures and names only, nothing of a row.
 *
 * @param executor Spark's id of it
 * @param devices addresses of the GPUs that Spark gave it
 * @param problem one line; null unless {@code state} is FAILED
 * @param model null where none is open or being opened
 * @param backend what computes, once the engine is open; else null
 * @param loadSeconds the engine took to open; 0 before
 * @param copiedBytes of the model, of {@code copyTotalBytes}; both 0 where it is not being copied
 */
record ExecutorReport(
    String executor,
    List<String> devices,
    State state,
    String problem,
    String model,
    String backend,
    double loadSeconds,
    long copiedBytes,
    long copyTotalBytes,
    Work work,
    Load load)
    implements Serializable {

  /** What the executor is about. */
  enum State {
    STARTING("starting"),
    IDLE("no model yet"),
    COPYING("copying the model"),
    LOADING("loading the model"),
    READY("ready"),
    FAILED("preload failed"),
    DEAD("engine died");

    private final String label;

    State(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /**
   * What was done since the plugin started.
   *
   * @param deduplicated rows that shared another row's generation
   * @param resumed rows that an earlier run had completed
   * @param cached rows that were completed from the cache that runs share
   * @param promptTokens computed, those of the prefix cache excluded
   */
  record Work(
      long rows,
      long errors,
      long deduplicated,
      long resumed,
      long cached,
      long promptTokens,
      long generatedTokens)
      implements Serializable {
    static final Work NONE = new Work(0, 0, 0, 0, 0, 0, 0);

    Work plus(Work other) {
      return new Work(
          rows + other.rows,
          errors + other.errors,
          deduplicated + other.deduplicated,
          resumed + other.resumed,
          cached + other.cached,
          promptTokens + other.promptTokens,
          generatedTokens + other.generatedTokens);
    }
  }

  /**
   * How busy the engine is, over the time since the report before.
   *
   * @param running requests in the batch now
   * @param waiting requests in the queue now
   * @param occupancy tokens a step of those that a step can take, mean, 0 to 1
   */
  record Load(
      int running,
      int waiting,
      double occupancy,
      long kvUsedBytes,
      long kvTotalBytes,
      double promptTokensPerSecond,
      double generatedTokensPerSecond)
      implements Serializable {
    static final Load NONE = new Load(0, 0, 0, 0, 0, 0, 0);

    /** Memory for keys and values that is in use, 0 to 1. */
    double kvShare() {
      return kvTotalBytes == 0 ? 0 : (double) kvUsedBytes / kvTotalBytes;
    }

    boolean isBusy() {
      return running > 0 || waiting > 0 || generatedTokensPerSecond > 0;
    }
  }

  /** Of an executor that has said nothing yet. */
  static ExecutorReport starting(String executor) {
    return new ExecutorReport(
        executor, List.of(), State.STARTING, null, null, null, 0, 0, 0, Work.NONE, Load.NONE);
  }

  boolean isBusy() {
    return load.isBusy() || state == State.COPYING || state == State.LOADING;
  }
}

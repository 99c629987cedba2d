package io.github.gptoss.spark.internal.budget;

/**
 * What the budget knows of a row. All generations of a row are submitted with the same one: its
 * samples, its parts, and those that follow them.
 */
public final class BudgetedRow {
  /** Whether there is anything of the row, which is then not left in the middle. */
  private boolean isBegun;

  /** Generations of the row that wait; guarded by the gate. */
  int waiting;

  /** A generation has begun for the row, or the journal has one of an earlier run. */
  public synchronized void begin() {
    isBegun = true;
  }

  synchronized boolean isBegun() {
    return isBegun;
  }
}

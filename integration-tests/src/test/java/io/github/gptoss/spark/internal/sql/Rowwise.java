package io.github.gptoss.spark.internal.sql;

import java.util.Set;

/** What tests see of calls that were not batched. */
public final class Rowwise {
  private Rowwise() {}

  /** The reasons given since {@link #forget}. */
  public static Set<String> reasons() {
    return Set.copyOf(RowwiseWarnings.given());
  }

  public static void forget() {
    RowwiseWarnings.given().clear();
  }
}

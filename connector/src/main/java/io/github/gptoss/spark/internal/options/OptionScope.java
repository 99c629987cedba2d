package io.github.gptoss.spark.internal.options;

/** For what an option has one value. */
public enum OptionScope {
  /** One for each executor: the model and where it comes from. */
  MODEL,
  /** One for each executor: the engine that computes. */
  ENGINE,
  /** One for each call over a table; the SQL functions have no table. */
  TABLE,
  /** One for all rows of a call. */
  CALL,
  /** Each row may have its own. */
  ROW
}

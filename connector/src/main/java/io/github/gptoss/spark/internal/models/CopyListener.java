package io.github.gptoss.spark.internal.models;

/** Is told the progress of a copy, about once a second and at its end. It must return at once. */
@FunctionalInterface
public interface CopyListener {
  /** Ignores the progress. */
  CopyListener NONE = progress -> {};

  void progress(CopyProgress progress);
}

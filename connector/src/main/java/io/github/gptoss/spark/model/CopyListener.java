package io.github.gptoss.spark.model;

/** Hears how a copy gets on, about once a second and at its end; must return at once. */
@FunctionalInterface
public interface CopyListener {
  /** Hears nothing. */
  CopyListener NONE = progress -> {};

  void progress(CopyProgress progress);
}

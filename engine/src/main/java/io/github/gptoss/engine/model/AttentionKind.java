package io.github.gptoss.engine.model;

/** Which keys a layer's queries see. */
public enum AttentionKind {
  /** The last {@link ModelConfig#slidingWindow} keys, the query's own included. */
  WINDOW,
  /** All keys up to the query's own. */
  FULL
}

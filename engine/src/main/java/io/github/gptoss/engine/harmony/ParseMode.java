package io.github.gptoss.engine.harmony;

/** What to do with tokens that are not well-formed Harmony. */
public enum ParseMode {
  /** Throw, as openai-harmony does with {@code strict=True}. */
  STRICT,

  /**
   * As openai-harmony does with {@code strict=False}: a message without {@code <|message|>} keeps
   * its words as content; throw at anything else.
   */
  LENIENT,

  /** Never throw: keep what can be kept, and say so. Well-formed tokens parse as always. */
  BEST_EFFORT
}

package io.github.gptoss.engine.constraint.text;

/** A pattern that is no regular expression, or one that needs more than a regular language. */
public final class PatternException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean isUnsupported;

  PatternException(boolean isUnsupported, String message) {
    super(message);
    this.isUnsupported = isUnsupported;
  }

  /** Whether the pattern is valid but uses what cannot be guaranteed, such as a lookahead. */
  public boolean isUnsupported() {
    return isUnsupported;
  }
}

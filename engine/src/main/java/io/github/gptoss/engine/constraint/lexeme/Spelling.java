package io.github.gptoss.engine.constraint.lexeme;

/** How the characters of a text are written. */
public enum Spelling {
  /** As UTF-8, without quotation marks. */
  RAW,
  /** As a JSON string in which any character may be escaped in any way. */
  FREE,
  /**
   * As a JSON string in which a character is escaped only where it has to be: quotation mark,
   * backslash and U+0000 to U+001F.
   */
  CANONICAL
}

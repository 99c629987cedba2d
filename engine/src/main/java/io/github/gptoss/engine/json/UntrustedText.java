package io.github.gptoss.engine.json;

import java.nio.file.Path;

/** Makes text from a file fit for an error message: one line, of bounded length, harmless. */
public final class UntrustedText {
  private static final int MAX_CHARS = 160;

  private UntrustedText() {}

  /**
   * The text on one line: control, format and unpaired surrogate characters become {@code ?}, and
   * what exceeds 160 characters is cut and marked with an ellipsis.
   */
  public static String oneLine(String text) {
    return oneLine(text, MAX_CHARS);
  }

  /** A path on one line, never cut: its end says most. */
  public static String oneLine(Path path) {
    return oneLine(path.toString(), Integer.MAX_VALUE);
  }

  private static String oneLine(String text, int maxChars) {
    StringBuilder line = new StringBuilder();
    int index = 0;
    while (index < text.length() && line.length() < maxChars) {
      int codePoint = text.codePointAt(index);
      line.appendCodePoint(isHarmless(codePoint) ? codePoint : '?');
      index += Character.charCount(codePoint);
    }
    return index < text.length() ? line.append("...").toString() : line.toString();
  }

  /** {@link #oneLine(String)} between single quotes. */
  public static String quote(String text) {
    return "'" + oneLine(text) + "'";
  }

  private static boolean isHarmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}

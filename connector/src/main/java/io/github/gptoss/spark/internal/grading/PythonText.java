package io.github.gptoss.spark.internal.grading;

import java.math.BigInteger;

/**
 * What Python takes for white space, digits and integers: the published graders are Python
 * programs, and their rules say no more than that.
 */
final class PythonText {
  /** What {@code str.isspace} holds for, as a class of RE2 regular expressions. */
  static final String SPACE =
      "[\\t-\\r\\x1c-\\x20\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"
          + "\\x{205f}\\x{3000}]";

  /** What {@code \w} does not match, as a class of RE2 regular expressions. */
  static final String NO_WORD = "[^\\pL\\pN_]";

  /** {@code int} reads no more digits than {@code sys.int_info.default_max_str_digits}. */
  private static final int MOST_DIGITS = 4300;

  private PythonText() {}

  static boolean isSpace(char c) {
    return c >= '\t' && c <= '\r'
        || c >= '\u001c' && c <= ' '
        || c == '\u0085'
        || Character.isSpaceChar(c);
  }

  /** {@code str.strip}. All white space lies in the basic plane. */
  static String strip(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (from < to && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  /** Whether {@code \d} matches. */
  static boolean isDigit(int codePoint) {
    return Character.getType(codePoint) == Character.DECIMAL_DIGIT_NUMBER;
  }

  /**
   * The value of {@code int(text)}: a sign, then decimal digits of any script, single underscores
   * between them.
   *
   * @return null where Python raises ValueError
   */
  static BigInteger integer(String text) {
    String number = strip(text);
    boolean isSigned = number.startsWith("+") || number.startsWith("-");
    StringBuilder digits = new StringBuilder();
    boolean wasDigit = false;
    int codePoint;
    for (int i = isSigned ? 1 : 0; i < number.length(); i += Character.charCount(codePoint)) {
      codePoint = number.codePointAt(i);
      if (isDigit(codePoint)) {
        digits.append((char) ('0' + Character.digit(codePoint, 10)));
      } else if (codePoint != '_' || !wasDigit) {
        return null;
      }
      wasDigit = codePoint != '_';
    }
    if (!wasDigit || digits.length() > MOST_DIGITS) {
      return null;
    }
    BigInteger value = new BigInteger(digits.toString());
    return number.startsWith("-") ? value.negate() : value;
  }

  /** The digits with which a text begins. */
  static String leadingDigits(String text) {
    int end = 0;
    while (end < text.length() && isDigit(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return text.substring(0, end);
  }

  /** The last digits of a text that stand together; empty where it has none. */
  static String lastDigits(String text) {
    int end = text.length();
    while (end > 0 && !isDigit(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    int from = end;
    while (from > 0 && isDigit(text.codePointBefore(from))) {
      from -= Character.charCount(text.codePointBefore(from));
    }
    return text.substring(from, end);
  }
}

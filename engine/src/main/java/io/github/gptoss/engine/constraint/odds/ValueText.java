package io.github.gptoss.engine.constraint.odds;

import io.github.gptoss.engine.constraint.turn.TurnState.InText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A value on the way to its end. Immutable.
 *
 * @param before bytes that have still to come before the value
 * @param read the value's bytes so far
 */
record ValueText(byte[] before, byte[] read, boolean isWhole, boolean isEscaped) {
  static ValueText behind(byte[] before) {
    return new ValueText(before, new byte[0], false, false);
  }

  /** With more bytes; null if others come before the value, more white space too. */
  ValueText with(byte[] bytes) {
    int skipped = Math.min(before.length, bytes.length);
    if (!Arrays.equals(before, 0, skipped, bytes, 0, skipped)) {
      return null;
    }
    byte[] left = Arrays.copyOfRange(before, skipped, before.length);
    byte[] grown = Arrays.copyOf(read, read.length + bytes.length - skipped);
    int length = read.length;
    boolean escaped = isEscaped;
    boolean whole = isWhole;
    for (int i = skipped; i < bytes.length && !whole; i++) {
      byte b = bytes[i];
      boolean isString = length > 0 && grown[0] == '"';
      if (!isString && length > 0 && isBehindScalar(b)) {
        whole = true;
        break;
      }
      if (length == 0 && isSpace(b)) {
        return null;
      }
      grown[length++] = b;
      if (isString) {
        whole = b == '"' && !escaped;
        escaped = b == '\\' && !escaped;
      }
    }
    return new ValueText(left, Arrays.copyOf(grown, length), whole, escaped);
  }

  private static boolean isBehindScalar(byte b) {
    return b == ',' || b == '}' || b == ']' || isSpace(b);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n';
  }

  /** Whether nothing can be added to the value, of which the text is in this state. */
  boolean isWhole(InText at) {
    if (isWhole || read.length == 0 || read[0] == '"') {
      return isWhole;
    }
    for (byte b : "0123456789.eE+-truefalsn".getBytes(StandardCharsets.US_ASCII)) {
      if (at.constraint().next(at.state(), new byte[] {b}) != null) {
        return false;
      }
    }
    return true;
  }

  /** The value as it is written. */
  String value() {
    return new String(read, StandardCharsets.UTF_8);
  }
}

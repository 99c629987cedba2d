package io.github.gptoss.engine;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How sizes of memory are written in options. */
public final class ByteCount {
  /** What an option of this kind takes, for messages. */
  public static final String FORM = "a number of bytes, for instance 512m or 8g";

  private static final Pattern BYTES = Pattern.compile("(\\d{1,18})\\s*([kmgt]?)(i?b)?");

  private ByteCount() {}

  /**
   * The bytes of a whole number with one of Spark's suffixes k, m, g and t, powers of 1024, or
   * without; empty where the text is no such number or its bytes do not fit 63 bits.
   */
  public static OptionalLong parse(String text) {
    Matcher matcher = BYTES.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    int shift = matcher.group(2).isEmpty() ? 0 : 10 * (1 + "kmgt".indexOf(matcher.group(2)));
    long value = Long.parseLong(matcher.group(1));
    return value <= Long.MAX_VALUE >> shift
        ? OptionalLong.of(value << shift)
        : OptionalLong.empty();
  }
}

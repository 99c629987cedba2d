package io.github.gptoss.engine;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of bytes as people write them: {@code 1048576}, {@code 512m}, {@code 8g}, {@code 8GiB}.
 */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([kmgt]?)(i?b)?");

  private ByteSize() {}

  /** The bytes; suffixes are powers of 1024. Empty if the text is none, or 2^63 or more. */
  public static OptionalLong parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    int shift = matcher.group(2).isEmpty() ? 0 : 10 * ("kmgt".indexOf(matcher.group(2)) + 1);
    long value = Long.parseLong(matcher.group(1));
    return value <= Long.MAX_VALUE >> shift
        ? OptionalLong.of(value << shift)
        : OptionalLong.empty();
  }
}

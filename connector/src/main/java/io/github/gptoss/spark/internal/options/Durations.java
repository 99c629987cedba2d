package io.github.gptoss.spark.internal.options;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How times are written in options. */
final class Durations {
  /** What an option of this kind takes, for messages. */
  static final String FORM = "a time, for instance 90s, 30m or 2h";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,18})\\s*(ms|s|m|min|h|d)?");

  private Durations() {}

  /**
   * The milliseconds of a whole number with one of Spark's suffixes ms, s, m, min, h and d, or of
   * seconds without; empty where the text is no such number or does not fit 63 bits.
   */
  static OptionalLong parse(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    TimeUnit unit =
        switch (matcher.group(2) == null ? "s" : matcher.group(2)) {
          case "ms" -> TimeUnit.MILLISECONDS;
          case "s" -> TimeUnit.SECONDS;
          case "h" -> TimeUnit.HOURS;
          case "d" -> TimeUnit.DAYS;
          default -> TimeUnit.MINUTES;
        };
    // Beyond 63 bits the conversion gives their largest number.
    long millis = unit.toMillis(Long.parseLong(matcher.group(1)));
    return millis == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(millis);
  }
}

package io.github.gptoss.spark.internal.monitor;

import java.util.Locale;

/** How numbers are written. */
public final class Numbers {
  private Numbers() {}

  /** What a time is counted in. */
  record TimeUnit(String plural, double seconds) {
    static TimeUnit of(double seconds) {
      if (seconds < 180) {
        return new TimeUnit("seconds", 1);
      }
      return seconds < 3 * 3600 ? new TimeUnit("minutes", 60) : new TimeUnit("hours", 3600);
    }
  }

  public static String whole(double number) {
    return String.format(Locale.ROOT, "%,.0f", number);
  }

  /** With as many decimals as a small number needs. */
  public static String decimal(double number) {
    String format = Math.abs(number) < 10 ? "%,.2f" : Math.abs(number) < 100 ? "%,.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, number);
  }

  /** For instance {@code 5 min 0 s}. */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return whole < 3600
        ? "%d min %d s".formatted(whole / 60, whole % 60)
        : "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
  }

  public static String share(long part, long whole) {
    return whole == 0 ? "0%" : decimal(100.0 * part / whole) + "%";
  }

  /** 1, 2 or 5 times a power of ten, at least 1 and at least the number. */
  static long niceStep(double number) {
    return Math.max(1, Math.round(niceTick(number)));
  }

  /** 1, 2 or 5 times a power of ten, at least the number. */
  static double niceTick(double number) {
    double power = Math.pow(10, Math.floor(Math.log10(number)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= number * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** Of an axis: no more decimals than its step has. */
  static String tick(double number, double step) {
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%,." + decimals + "f", number + 0.0);
  }
}

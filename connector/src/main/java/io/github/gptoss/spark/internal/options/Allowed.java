package io.github.gptoss.spark.internal.options;

import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;

/**
 * Which values of its kind an option takes.
 *
 * @param words after "it must be", for messages and documentation; empty where every value is taken
 * @param numbers whether a number is taken
 * @param texts whether a text is taken
 */
record Allowed(String words, DoublePredicate numbers, Predicate<String> texts) {
  /** Whatever the kind of the option takes. */
  static final Allowed ANY = new Allowed("", number -> true, text -> true);

  static Allowed between(double least, double most) {
    return numbers("between " + plain(least) + " and " + plain(most), n -> n >= least && n <= most);
  }

  /** Above a bound that is not itself taken. */
  static Allowed above(double bound, double most) {
    return numbers(
        "above " + plain(bound) + " and at most " + plain(most), n -> n > bound && n <= most);
  }

  static Allowed positive() {
    return numbers("more than 0", n -> n > 0);
  }

  static Allowed atLeast(double least) {
    return numbers("at least " + plain(least), n -> n >= least);
  }

  /** At least {@code least}, with some of these values meaning something else. */
  static Allowed atLeast(double least, String meaning) {
    return numbers(meaning, n -> n >= least);
  }

  /** One of some words, in any case. */
  static Allowed oneOf(String... words) {
    List<String> all = List.of(words);
    String last = all.get(all.size() - 1);
    return new Allowed(
        String.join(", ", all.subList(0, all.size() - 1)) + " or " + last,
        number -> true,
        text -> all.contains(text.strip().toLowerCase(Locale.ROOT)));
  }

  /** A text that is not blank. */
  static Allowed named(String what) {
    return new Allowed(what, number -> true, text -> !text.isBlank());
  }

  private static Allowed numbers(String words, DoublePredicate numbers) {
    return new Allowed(words, numbers, text -> true);
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }
}

package io.github.gptoss.spark.internal.job;

import java.util.Locale;

/** An argument of a program, which is no option of the connector. */
public interface Argument {
  /** In upper case, as constants of enums have it. */
  String name();

  /** What its value stands for; null where it has none. */
  String value();

  String description();

  /** As it is written on the command line. */
  default String flag() {
    return flag(name());
  }

  /** How the name of an option or of an argument is written on the command line. */
  static String flag(String name) {
    return "--" + name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

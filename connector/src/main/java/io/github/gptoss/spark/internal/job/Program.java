package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.List;

/** What is run by spark-submit: its arguments, and what it does with them. */
public interface Program {
  int WIDTH = 120;
  int INDENT = 34;

  String OPTIONS =
      """

      Options of the connector, each as --option-name VALUE, by --set option=value, or in Spark's configuration as
      spark.gptoss.<option>:
      """;

  /** How it is called and what it is for, the beginning of its help. */
  String head();

  /** In the order of its help. */
  List<Argument> arguments();

  /**
   * Runs it.
   *
   * @return its last line on standard output
   * @throws Exception one of ours where the cause is known, else Spark's
   */
  String run(JobArguments arguments) throws Exception;

  /** The text of {@code --help}: every argument, then every option of the connector. */
  default String help() {
    StringBuilder text = new StringBuilder(head());
    for (Argument argument : arguments()) {
      String value = argument.value() == null ? "" : " " + argument.value();
      entry(text, argument.flag() + value, argument.description());
    }
    text.append(OPTIONS);
    for (OptionKey key : OptionKey.values()) {
      String whenUnset = key.defaultValue() == null ? "" : " (default: " + key.defaultValue() + ")";
      entry(text, Argument.flag(key.optionName()), key.description() + whenUnset);
    }
    return text.toString();
  }

  /** A name, and what is said of it in lines beside it. */
  private static void entry(StringBuilder text, String name, String description) {
    StringBuilder line = new StringBuilder("  ").append(name);
    for (String word : description.split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        text.append(line).append('\n');
        line.setLength(0);
      }
      line.append(" ".repeat(Math.max(1, INDENT - line.length()))).append(word);
    }
    text.append(line).append('\n');
  }
}

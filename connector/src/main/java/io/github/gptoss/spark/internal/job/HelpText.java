package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.List;

/** The text of {@code --help}: every argument of the job, then every option of the connector. */
final class HelpText {
  private static final int WIDTH = 120;
  private static final int INDENT = 34;

  private static final String HEAD =
      """
      Usage: spark-submit [spark options] --class io.github.gptoss.spark.GptOssJob gptoss-spark.jar --input PATH
             --input-format FORMAT --output PATH --model DIR|demo [arguments]
      Completes a table of prompts with a gpt-oss model and writes a Delta table.
      """;

  private static final String OPTIONS =
      """

      Options of the connector, each as --option-name VALUE, by --set option=value, or in Spark's configuration as
      spark.gptoss.<option>:
      """;

  private HelpText() {}

  static String of(List<JobArgument> arguments, List<OptionKey> options) {
    StringBuilder text = new StringBuilder(HEAD);
    for (JobArgument argument : arguments) {
      String value = argument.value() == null ? "" : " " + argument.value();
      entry(text, argument.flag() + value, argument.description());
    }
    text.append(OPTIONS);
    for (OptionKey key : options) {
      String whenUnset = key.defaultValue() == null ? "" : " (default: " + key.defaultValue() + ")";
      entry(text, JobArgument.flag(key.optionName()), key.description() + whenUnset);
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

package io.github.gptoss.spark.job;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the job says about itself and about what went wrong. */
public final class JobHelp {
  /** How a task's failure appears in the message of a failed job. */
  private static final Pattern FAILED_TASK =
      Pattern.compile(
          "io\\.github\\.gptoss\\.engine\\.error\\.(Invalid\\w+|GptOss)Exception: ([^\\n]+)");

  private JobHelp() {}

  /** A list of the connector's options for the end of the help. */
  static String[] options() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Options for --set, or in Spark's configuration as spark.gptoss.<option>:");
    for (OptionKey key : OptionKey.values()) {
      String whenUnset = key.defaultValue() == null ? "" : " (default: " + key.defaultValue() + ")";
      lines.add(
          "  %-23s %s%s"
              .formatted(key.optionName(), key.description(), whenUnset)
              // picocli reads percent signs as formats.
              .replace("%", "%%"));
    }
    return lines.toArray(String[]::new);
  }

  /** One line about wrong arguments, with what was probably meant. */
  static String explain(ParameterException wrong, List<String> known) {
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().get(0);
      if (!argument.startsWith("-")) {
        // Its text may be half of a prompt that was not quoted.
        int place = wrong.getCommandLine().getParseResult().originalArgs().indexOf(argument) + 1;
        return "argument "
            + place
            + " belongs to no option: every argument is --name VALUE; quote a value with blanks";
      }
      String name =
          argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
      String option = name.replaceFirst("^-+", "").replace('-', '_');
      if (OptionName.all().contains(option)) {
        return "unknown argument '" + name + "': give the option as --set " + option + "=VALUE";
      }
      return "unknown argument '" + name + "'" + orHelp(NearestName.hint(name, known));
    }
    return oneLine(wrong) + "; --help shows all arguments";
  }

  private static String orHelp(String hint) {
    return hint.isEmpty() ? ": --help shows all arguments" : hint;
  }

  /** The cause that is written for people: one of ours, or Spark's about the table; else null. */
  public static Throwable knownCause(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof GptOssException || at instanceof AnalysisException) {
        return at;
      }
    }
    for (Throwable at = failure; at != null; at = at.getCause()) {
      Matcher task = FAILED_TASK.matcher(String.valueOf(at.getMessage()));
      if (task.find()) {
        return switch (task.group(1)) {
          case "InvalidModel" -> new InvalidModelException(task.group(2), failure);
          case "InvalidConfig" -> new InvalidConfigException(task.group(2), failure);
          default -> new GptOssException(task.group(2), failure);
        };
      }
    }
    return null;
  }

  public static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("").strip();
  }
}

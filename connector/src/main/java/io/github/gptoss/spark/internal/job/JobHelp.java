package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;

/** What went wrong, for people. */
public final class JobHelp {
  /** How a task's failure appears in the message of a failed job. */
  private static final Pattern FAILED_TASK =
      Pattern.compile(
          "io\\.github\\.gptoss\\.engine\\.error\\.(Invalid\\w+|GptOss)Exception: ([^\\n]+)");

  private JobHelp() {}

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

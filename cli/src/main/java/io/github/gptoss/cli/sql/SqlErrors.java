package io.github.gptoss.cli.sql;

import io.github.gptoss.engine.error.GptOssException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;

/** Says what went wrong with a statement. */
final class SqlErrors {
  /** How the engine's errors appear in the message of a failed job. */
  private static final Pattern FAILED_TASK =
      Pattern.compile("io\\.github\\.gptoss\\.engine\\.error\\.\\w+Exception: ([^\\n]+)");

  private SqlErrors() {}

  /** Spark's own message about a query; one line about what failed as it ran. */
  static String explain(Exception e) {
    if (e instanceof AnalysisException) {
      return e.getMessage();
    }
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof GptOssException || at instanceof AnalysisException) {
        return oneLine(at);
      }
    }
    for (Throwable at = e; at != null; at = at.getCause()) {
      Matcher task = FAILED_TASK.matcher(String.valueOf(at.getMessage()));
      if (task.find()) {
        return task.group(1);
      }
    }
    return oneLine(e);
  }

  static String oneLine(Throwable e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("").strip();
  }
}

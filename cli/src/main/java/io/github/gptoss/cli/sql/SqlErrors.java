package io.github.gptoss.cli.sql;

import io.github.gptoss.engine.error.GptOssException;
import org.apache.spark.sql.AnalysisException;

/** Says what went wrong with a statement. */
final class SqlErrors {
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
    return oneLine(e);
  }

  static String oneLine(Throwable e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("").strip();
  }
}

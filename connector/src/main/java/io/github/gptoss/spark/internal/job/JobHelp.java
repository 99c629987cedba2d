package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.GptOssException;
import org.apache.spark.sql.AnalysisException;

/** What went wrong, for people. */
public final class JobHelp {
  private JobHelp() {}

  /** The cause that is written for people: ours, else Spark's about the table; else null. */
  public static Throwable knownCause(Throwable failure) {
    Throwable ours = cause(failure, GptOssException.class);
    return ours == null ? cause(failure, AnalysisException.class) : ours;
  }

  private static Throwable cause(Throwable failure, Class<? extends Throwable> type) {
    Throwable at = failure;
    while (at != null && !type.isInstance(at)) {
      at = at.getCause();
    }
    return at;
  }

  public static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("").strip();
  }
}

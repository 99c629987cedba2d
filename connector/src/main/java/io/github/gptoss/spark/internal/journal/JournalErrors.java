package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** Errors of the journal. */
final class JournalErrors {
  /** A segment does not hold what was once written; the message says how that shows. */
  static final class DamagedSegmentException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedSegmentException(String message) {
      super(message);
    }

    DamagedSegmentException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private JournalErrors() {}

  static GptOssException cannotWrite(Path folder, Throwable cause) {
    return new GptOssException(
        ("the journal %s cannot be written (%s): free space or give access and start the same job"
                + " again, which goes on where this one was, or run it with --journal off")
            .formatted(folder, reason(cause)),
        cause);
  }

  static GptOssException cannotList(Path folder, Throwable cause) {
    return new GptOssException(
        ("the journal %s cannot be read (%s): give access to it, or run the job with --journal"
                + " off")
            .formatted(folder, reason(cause)),
        cause);
  }

  static InvalidConfigException cacheUnreachable(String folder, Throwable cause) {
    return new InvalidConfigException(
        ("completion_cache '%s' cannot be read and written (%s): name a folder that this user can"
                + " write to, or leave completion_cache out")
            .formatted(folder, reason(cause)),
        cause);
  }

  static InvalidConfigException cacheIsNoFolder(String folder) {
    return new InvalidConfigException(
        "completion_cache '%s' is a file: name a folder, which need not exist yet"
            .formatted(folder));
  }

  static InvalidConfigException cacheIsTable(String folder) {
    return new InvalidConfigException(
        ("completion_cache '%s' is a Delta table, and completions are kept in files of their own:"
                + " name another folder, which need not exist yet")
            .formatted(folder));
  }

  static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("");
  }
}

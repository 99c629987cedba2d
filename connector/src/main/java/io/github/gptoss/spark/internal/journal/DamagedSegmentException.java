package io.github.gptoss.spark.internal.journal;

import java.io.IOException;

/** A segment does not hold what was once written; the message says how that shows. */
final class DamagedSegmentException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedSegmentException(String message) {
    super(message);
  }

  DamagedSegmentException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.github.gptoss.cli;

/** The reader of standard output has closed it, as {@code head} does: no fault. */
final class OutputClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputClosedException(Throwable cause) {
    super("standard output is closed", cause);
  }
}

package io.github.gptoss.cli;

/** Nobody reads standard output any more, as when it is piped to {@code head}: no fault. */
final class OutputClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputClosedException(Throwable cause) {
    super("standard output is closed", cause);
  }
}

package io.github.gptoss.spark.internal.models;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often and after which pause a failed request is tried again. Pauses double, with a random
 * part so that many machines do not retry at once, and are at least as long as the server asks for.
 *
 * @param attempts how many attempts in a row may fail without progress
 * @param progressBytes how many bytes count as progress
 */
record Retries(int attempts, long firstPauseMillis, long maxPauseMillis, long progressBytes) {
  static final Retries DEFAULT = new Retries(8, 1_000, 60_000, 1 << 20);

  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
  private static final long MAX_ASKED_MILLIS = 300_000;

  /** An action that may work when it is tried again. */
  interface Attempt<T> {
    T run() throws IOException;
  }

  /** The server is busy, and may say for how long. */
  static final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long pauseMillis;

    BusyException(String message, long pauseMillis) {
      super(message);
      this.pauseMillis = pauseMillis;
    }
  }

  /**
   * @throws io.github.gptoss.engine.error.GptOssException if no attempt works
   */
  <T> T call(String address, Attempt<T> attempt) {
    for (int failures = 1; ; failures++) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (failures == attempts) {
          throw ModelErrors.unreadable(address, e);
        }
        pause(address, failures, e);
      }
    }
  }

  /** Waits before the next attempt, after {@code failures} failed attempts in a row. */
  void pause(String address, int failures, IOException problem) {
    if (Thread.currentThread().isInterrupted()) {
      throw ModelErrors.interrupted(address);
    }
    long most = Math.min(maxPauseMillis, firstPauseMillis << Math.min(failures - 1, 20));
    long millis = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
    if (problem instanceof BusyException busy) {
      millis = Math.max(millis, Math.min(busy.pauseMillis, MAX_ASKED_MILLIS));
    }
    LOG.warn(
        "{}: {}; another attempt in {} s",
        address,
        ModelErrors.reason(problem),
        String.format(Locale.ROOT, "%.1f", millis / 1e3));
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ModelErrors.interrupted(address);
    }
  }
}

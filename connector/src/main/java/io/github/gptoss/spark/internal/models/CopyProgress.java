package io.github.gptoss.spark.internal.models;

import java.util.Locale;

/**
 * The progress of copying a model.
 *
 * @param address the address of the model's source
 * @param isWaiting whether another process of this machine copies the model
 * @param bytes how many bytes are in the cache
 * @param totalBytes the size of the whole model
 * @param bytesPerSecond the mean rate since copying began; 0 while nothing is copied
 */
public record CopyProgress(
    String address, boolean isWaiting, long bytes, long totalBytes, double bytesPerSecond) {
  /** Is told the progress of a copy, about once a second and at its end. It must return at once. */
  @FunctionalInterface
  public interface Listener {
    /** Ignores the progress. */
    Listener NONE = progress -> {};

    void progress(CopyProgress progress);
  }

  /** The time left at this rate; -1 if the rate is 0. */
  public double secondsLeft() {
    return bytesPerSecond > 0 ? (totalBytes - bytes) / bytesPerSecond : -1;
  }

  /** The progress as one line for a log. */
  public String line() {
    String left =
        secondsLeft() < 0 ? "" : String.format(Locale.ROOT, ", %,.0f s left", secondsLeft());
    return String.format(
        Locale.ROOT,
        "%s: %s%s of %s (%d%%), %s/s%s",
        address,
        isWaiting ? "another process copies it, " : "",
        ModelErrors.size(bytes),
        ModelErrors.size(totalBytes),
        totalBytes == 0 ? 100 : bytes * 100 / totalBytes,
        ModelErrors.size((long) bytesPerSecond),
        left);
  }
}

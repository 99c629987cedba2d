package io.github.gptoss.spark.model;

import java.util.Locale;

/**
 * How far the copying of a model is.
 *
 * @param address of its source
 * @param isWaiting whether another process of this machine does the work
 * @param bytes that are in the cache
 * @param totalBytes of the whole model
 * @param bytesPerSecond since copying began; 0 where nothing was copied yet
 */
public record CopyProgress(
    String address, boolean isWaiting, long bytes, long totalBytes, double bytesPerSecond) {

  /** Time left at this rate; -1 where it cannot be told. */
  public double secondsLeft() {
    return bytesPerSecond > 0 ? (totalBytes - bytes) / bytesPerSecond : -1;
  }

  /** One line for a log. */
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

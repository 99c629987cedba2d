package io.github.gptoss.spark.internal.models;

/** A model on this machine. Its version stays in the cache until it is closed. */
public final class LocalModel implements AutoCloseable {
  private final String path;
  private final Runnable release;

  /**
   * @param release lets the version be removed from the cache; runs any number of times
   */
  LocalModel(String path, Runnable release) {
    this.path = path;
    this.release = release;
  }

  /** The folder's path, or {@code demo}. */
  public String path() {
    return path;
  }

  /** Lets the version be removed; a second call does nothing. */
  @Override
  public void close() {
    release.run();
  }
}

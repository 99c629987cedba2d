package io.github.gptoss.spark.model;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A model on this machine. While it is open, its version stays in the cache. */
public final class LocalModel implements AutoCloseable {
  private final String path;
  private final Closeable hold;

  LocalModel(String path, Closeable hold) {
    this.path = path;
    this.hold = hold;
  }

  /** The folder's path, or {@code demo}. */
  public String path() {
    return path;
  }

  /** Lets the version be removed; a second call does nothing. */
  @Override
  public void close() {
    try {
      hold.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

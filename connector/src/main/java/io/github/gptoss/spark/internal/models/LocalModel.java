package io.github.gptoss.spark.internal.models;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** A model and its adapters on this machine. They stay in the cache until this is closed. */
public final class LocalModel implements AutoCloseable {
  private final String path;
  private final Map<String, LocalModel> adapters;
  private final Runnable release;

  /**
   * @param release lets the version be removed from the cache; runs any number of times
   */
  LocalModel(String path, Runnable release) {
    this(path, Map.of(), release);
  }

  private LocalModel(String path, Map<String, LocalModel> adapters, Runnable release) {
    this.path = path;
    this.adapters = adapters;
    this.release = release;
  }

  /** The same model, with adapters that are closed with it. */
  LocalModel with(Map<String, LocalModel> byName) {
    return new LocalModel(path, Map.copyOf(byName), release);
  }

  /** The folder's path, or {@code demo}. */
  public String path() {
    return path;
  }

  /** The paths of the adapters' folders, by name. */
  public Map<String, String> adapters() {
    Map<String, String> paths = new TreeMap<>();
    adapters.forEach((name, adapter) -> paths.put(name, adapter.path()));
    return Collections.unmodifiableMap(paths);
  }

  /** Lets the versions be removed; a second call does nothing. */
  @Override
  public void close() {
    adapters.values().forEach(LocalModel::close);
    release.run();
  }
}

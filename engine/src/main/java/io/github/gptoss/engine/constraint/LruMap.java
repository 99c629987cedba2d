package io.github.gptoss.engine.constraint;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that drops what was used longest ago where it would hold too much. Not thread-safe. */
public final class LruMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  /**
   * @param most how many entries the map holds at most
   */
  public LruMap(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}

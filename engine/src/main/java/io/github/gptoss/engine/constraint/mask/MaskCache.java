package io.github.gptoss.engine.constraint.mask;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Values that can be made again, each of something that owns it, within a bound of bytes. The
 * values of the owner that was used longest ago are dropped first, and only some owners are kept at
 * all, so that one that is not used any more can be collected. Thread-safe.
 */
public final class MaskCache<K, V> {
  private static final int MAX_OWNERS = 128;

  /** What an entry takes beside its value. */
  private static final int ENTRY_BYTES = 128;

  private final long maxBytes;
  private final ToLongFunction<V> size;
  private final Map<Object, Map<K, V>> owners = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param maxBytes how much memory the values may take
   * @param size the bytes of a value
   */
  public MaskCache(long maxBytes, ToLongFunction<V> size) {
    this.maxBytes = maxBytes;
    this.size = size;
  }

  /** Null where the value is not kept. */
  public synchronized V get(Object owner, K key) {
    Map<K, V> values = owners.get(owner);
    return values == null ? null : values.get(key);
  }

  /** Keeps a value, unless it alone is beyond the bound. */
  public synchronized void put(Object owner, K key, V value) {
    Map<K, V> values = owners.computeIfAbsent(owner, o -> new LinkedHashMap<>(16, 0.75f, true));
    V before = values.put(key, value);
    bytes += bytes(value) - (before == null ? 0 : bytes(before));
    while (bytes > maxBytes || owners.size() > MAX_OWNERS) {
      dropEldest(owners.size() > MAX_OWNERS);
    }
  }

  private void dropEldest(boolean dropsOwner) {
    Iterator<Map<K, V>> eldest = owners.values().iterator();
    Map<K, V> values = eldest.next();
    Iterator<V> each = values.values().iterator();
    do {
      bytes -= bytes(each.next());
      each.remove();
    } while (dropsOwner && each.hasNext());
    if (values.isEmpty()) {
      eldest.remove();
    }
  }

  private long bytes(V value) {
    return size.applyAsLong(value) + ENTRY_BYTES;
  }

  /** The bytes of all values that are kept. */
  synchronized long bytes() {
    return bytes;
  }
}

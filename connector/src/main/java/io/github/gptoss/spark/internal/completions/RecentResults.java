package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.Iterator;
import java.util.LinkedHashMap;

/** The results used last, within a bound of memory. Thread-safe. */
final class RecentResults<K> {
  /** Key, entry, the result's own objects and their headers. */
  private static final int BYTES_PER_RESULT = 400;

  private final long mostBytes;
  private final LinkedHashMap<K, GenerationResult> results = new LinkedHashMap<>(16, 0.75f, true);
  private long heldBytes;

  RecentResults(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Null if the key is not held. */
  synchronized GenerationResult get(K key) {
    return results.get(key);
  }

  /** Holds a result that fits, and drops as many others as that takes. */
  synchronized void put(K key, GenerationResult result) {
    if (bytesOf(result) > mostBytes) {
      return;
    }
    GenerationResult before = results.put(key, result);
    heldBytes += bytesOf(result) - (before == null ? 0 : bytesOf(before));
    for (Iterator<GenerationResult> eldest = results.values().iterator(); heldBytes > mostBytes; ) {
      heldBytes -= bytesOf(eldest.next());
      eldest.remove();
    }
  }

  synchronized long heldBytes() {
    return heldBytes;
  }

  static long bytesOf(GenerationResult result) {
    long chars = chars(result.response()) + chars(result.reasoning());
    for (ToolCall call : result.toolCalls()) {
      chars += chars(call.id()) + chars(call.name()) + chars(call.arguments());
    }
    return BYTES_PER_RESULT + 2 * chars + (long) Integer.BYTES * result.tokens().length;
  }

  private static long chars(String text) {
    return text == null ? 0 : text.length();
  }
}

package io.github.gptoss.spark.executor;

import java.util.List;

/** What an engine was asked, as keys: equal where prompt and parameters are. */
public final class AskedKeys {
  private AskedKeys() {}

  /** A key for each request, in the order in which they came. */
  public static List<Object> of(CountingEngine engine) {
    CompletionKeys keys = new CompletionKeys("model", "cpu", engine.info());
    return engine.asked().stream().<Object>map(asked -> keys.of(asked.request())).toList();
  }

  /** The seed that a request was drawn with. */
  public static long seed(CountingEngine.Asked asked) {
    return asked.request().seed();
  }
}

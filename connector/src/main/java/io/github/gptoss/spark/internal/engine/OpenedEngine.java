package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.GptOssEngine;
import java.util.concurrent.CompletableFuture;

/** {@link GptOssEngine} as the connector sees it. */
record OpenedEngine(GptOssEngine engine) implements CompletionEngine {
  static CompletionEngine open(EngineConfig config) {
    GptOssEngine engine = GptOssEngine.open(config);
    try {
      // Every row is text: with another vocabulary each of them would fail.
      engine.info().requireHarmony();
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
    return new OpenedEngine(engine);
  }

  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request)
      throws InterruptedException {
    return engine.submit(request);
  }

  @Override
  public boolean isAlive() {
    return engine.isAlive();
  }

  @Override
  public EngineInfo info() {
    return engine.info();
  }

  @Override
  public EngineStats stats() {
    return engine.stats();
  }

  @Override
  public void close() {
    engine.close();
  }
}

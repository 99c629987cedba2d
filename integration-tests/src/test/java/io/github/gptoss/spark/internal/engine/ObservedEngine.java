package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import java.util.concurrent.CompletableFuture;

/** An engine whose requests somebody is told of. */
record ObservedEngine(CompletionEngine engine, Runnable onRequest) implements CompletionEngine {
  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request)
      throws InterruptedException {
    onRequest.run();
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

package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import java.util.concurrent.CompletableFuture;

/** What the connector needs of an engine. */
public interface CompletionEngine extends AutoCloseable {
  /** As {@code GptOssEngine.submit}: copies the prompt before it returns; may block. */
  CompletableFuture<GenerationResult> submit(GenerationRequest request) throws InterruptedException;

  /** Whether requests can still be served. */
  boolean isAlive();

  /** What the engine runs. */
  EngineInfo info();

  /** Counters since the engine was opened. */
  EngineStats stats();

  /** Ends pending requests and frees all memory. */
  @Override
  void close();
}

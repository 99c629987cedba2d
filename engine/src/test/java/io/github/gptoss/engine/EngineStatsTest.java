package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EngineStatsTest {
  private static final String MODEL = "src/test/resources/goldens/model/tiny-bf16-experts";
  private static final int[] PROMPT = {1, 2, 3, 4, 5};

  private static GptOssEngine open() {
    return GptOssEngine.open(
        EngineConfig.builder(MODEL).maxNumSeqs(2).maxNumBatchedTokens(8).blockSize(4).build());
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.raw(IntBuffer.wrap(PROMPT)).ignoreEos(true);
  }

  /** What the engine shows once it has nothing to do. */
  private static EngineStats idle(GptOssEngine engine) {
    EngineStats stats = engine.stats();
    while (stats.runningRequests() + stats.waitingRequests() + stats.stepTokens() > 0) {
      Thread.onSpinWait();
      stats = engine.stats();
    }
    return stats;
  }

  @Test
  void showsCapacityBeforeTheFirstRequest() {
    try (GptOssEngine engine = open()) {
      EngineStats stats = engine.stats();
      assertThat(stats.loadNanos()).isPositive().isEqualTo(engine.info().loadNanos());
      assertThat(stats.maxStepTokens()).isEqualTo(8);
      assertThat(stats.kvTotalBlocks()).isPositive();
      assertThat(stats.kvTotalBytes()).isPositive();
      assertThat(stats.kvUsedBlocks()).isZero();
      assertThat(stats.steps()).isZero();
      assertThat(stats.busyNanos()).isZero();
    }
  }

  @Test
  void countsTokensAndSteps() throws Exception {
    try (GptOssEngine engine = open()) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        requests.add(request().maxTokens(7).build());
      }
      List<GenerationResult> results = engine.generate(requests);

      EngineStats stats = idle(engine);
      long cached = results.stream().mapToLong(r -> r.usage().cachedTokens()).sum();
      assertThat(stats.generatedTokens()).isEqualTo(21);
      assertThat(stats.promptTokens()).isEqualTo(3 * PROMPT.length - cached);
      assertThat(stats.prefixCachedTokens()).isEqualTo(cached);
      // Nobody computes the token that ends a request.
      assertThat(stats.scheduledTokens()).isEqualTo(3 * PROMPT.length - cached + 18);
      assertThat(stats.steps()).isBetween(7L, 21L);
      assertThat(stats.busyNanos()).isPositive();
      assertThat(stats.maskWaitNanos()).isBetween(0L, stats.busyNanos());
      assertThat(stats.kvUsedBlocks()).isZero();
      assertThat(stats.kvUsedBytes()).isZero();
    }
  }

  @Test
  void showsQueueOccupancyAndMemoryDuringWork() throws Exception {
    try (GptOssEngine engine = open()) {
      List<EngineStats> seen = new ArrayList<>();
      CompletableFuture<GenerationResult> watched =
          engine.submit(
              request()
                  .maxTokens(400)
                  .listener((token, kind, delta) -> seen.add(engine.stats()))
                  .build());
      List<CompletableFuture<GenerationResult>> others = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        others.add(engine.submit(request().maxTokens(400).build()));
      }
      watched.get();
      for (CompletableFuture<GenerationResult> other : others) {
        other.get();
      }

      assertThat(seen).anyMatch(s -> s.runningRequests() == 2 && s.waitingRequests() > 0);
      assertThat(seen).anyMatch(s -> s.stepTokens() == 2 && s.kvUsedBlocks() > 2);
      assertThat(seen)
          .allMatch(s -> s.stepTokens() <= s.maxStepTokens())
          .allMatch(s -> s.kvUsedBlocks() <= s.kvTotalBlocks())
          .allMatch(s -> (s.kvUsedBlocks() == 0) == (s.kvUsedBytes() == 0));
    }
  }

  @Test
  void cancelledRequestsLeaveTheCounters() throws Exception {
    try (GptOssEngine engine = open()) {
      for (int i = 0; i < 4; i++) {
        engine.submit(request().maxTokens(100_000).build()).cancel(true);
      }
      assertThat(idle(engine).kvUsedBlocks()).isZero();
    }
  }
}

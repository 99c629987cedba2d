package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineDeathTest {
  private static final String MODEL = "src/test/resources/goldens/model/tiny-bf16-experts";
  private static final int PLACES = 12;

  private FaultyBackend backend;

  private GptOssEngine open(String operation, Supplier<Throwable> fault) {
    EngineConfig config =
        EngineConfig.builder(MODEL).maxNumSeqs(4).maxQueuedRequests(PLACES).build();
    return GptOssEngine.open(
        config, c -> backend = new FaultyBackend(Backends.open(c), operation, fault));
  }

  private static GenerationRequest endless() {
    return GenerationRequest.raw(IntBuffer.wrap(new int[] {1, 2, 3}))
        .ignoreEos(true)
        .maxTokens(100_000)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"begin", "attention", "expertsUp", "sample"})
  void failsEveryPendingRequestWithItsCause(String operation) throws Exception {
    try (GptOssEngine engine = open(operation, () -> new IllegalStateException("device lost"))) {
      List<CompletableFuture<GenerationResult>> pending = new ArrayList<>();
      for (int i = 0; i < PLACES; i++) {
        pending.add(engine.submit(endless()));
      }
      // One that still waits for a place.
      CompletableFuture<Throwable> blocked =
          CompletableFuture.supplyAsync(() -> catchThrowable(() -> engine.submit(endless())));
      assertThat(engine.deathCause()).isEmpty();

      backend.breakNow();

      for (CompletableFuture<GenerationResult> future : pending) {
        assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOf(GptOssException.class)
            .hasMessageContainingAll("the engine failed", "device lost", "open another engine")
            .hasRootCauseInstanceOf(IllegalStateException.class);
      }
      assertThat(blocked.get(30, TimeUnit.SECONDS))
          .isInstanceOf(GptOssException.class)
          .hasMessageContaining("device lost");
      assertThat(engine.isAlive()).isFalse();
      assertThat(engine.deathCause()).get().isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void errorsOfTheJvmAreDeathsToo() throws Exception {
    try (GptOssEngine engine = open("unembed", () -> new OutOfMemoryError("Java heap space"))) {
      backend.breakNow();

      assertThatThrownBy(() -> engine.generate(List.of(endless(), endless())))
          .isInstanceOf(GptOssException.class)
          .hasMessageContaining("Java heap space");
      assertThat(engine.deathCause()).get().isInstanceOf(OutOfMemoryError.class);
    }
  }

  @Test
  void laterCallsFailAtOnceAlsoAfterClose() throws Exception {
    GptOssEngine engine = open("sample", () -> new IllegalStateException("device lost"));
    backend.breakNow();
    assertThatThrownBy(() -> engine.generate(List.of(endless())))
        .isInstanceOf(GptOssException.class);

    for (int i = 0; i < 2 * PLACES; i++) {
      assertThatThrownBy(() -> engine.submit(endless())).hasMessageContaining("device lost");
    }
    engine.close();

    assertThatThrownBy(() -> engine.submit(endless())).hasMessageContaining("device lost");
    assertThat(engine.deathCause()).isPresent();
  }

  @Test
  void anEngineThatCannotOpenClosesModelAndBackend() {
    EngineConfig tooSmall = EngineConfig.builder(MODEL).kvCacheBytes(1).build();
    assertThatThrownBy(
            () ->
                GptOssEngine.open(
                    tooSmall, c -> backend = new FaultyBackend(Backends.open(c), "", () -> null)))
        .isInstanceOf(InvalidConfigException.class);
    assertThat(backend.closedInOrder()).isTrue();
  }

  @Test
  void aListenerThatRunsOutOfMemoryIsADeath() throws Exception {
    try (GptOssEngine engine = open("", () -> null)) {
      GenerationRequest request =
          GenerationRequest.raw(IntBuffer.wrap(new int[] {1, 2, 3}))
              .listener(
                  (token, kind, delta) -> {
                    throw new OutOfMemoryError("thrown by a test");
                  })
              .build();

      assertThatThrownBy(() -> engine.generate(List.of(request)))
          .isInstanceOf(GptOssException.class)
          .hasRootCauseInstanceOf(OutOfMemoryError.class);
      assertThat(engine.isAlive()).isFalse();
    }
  }

  @Test
  void aClosedEngineDiedOfNothing() {
    GptOssEngine engine = open("sample", () -> new IllegalStateException("device lost"));
    engine.close();

    assertThat(engine.isAlive()).isFalse();
    assertThat(engine.deathCause()).isEmpty();
  }
}

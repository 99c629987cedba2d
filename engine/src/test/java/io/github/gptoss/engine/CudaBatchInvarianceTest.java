package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the CUDA backend, too, a row's tokens do not depend on what else is computed, or how. */
class CudaBatchInvarianceTest {
  private static final int ROWS = 96;
  private static final int ROWS_ALONE = 6;

  @ParameterizedTest
  @CsvSource({
    "tiny-mxfp4, 0",
    "odd-mxfp4-sharded, 0",
    "odd-mxfp4-sharded, 0.9",
    "tiny-bf16-experts, 0"
  })
  void rowsAreTheSameEverywhere(String model, double temperature) throws Exception {
    // Queued work runs as late as it may, so that a token that is read too early shows.
    GpuTests.start(EmulatedMachine.fast().devices(128).deferred());
    Random random = new Random(11);
    int[] shared = random.ints(45, 3, 250).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      IntStream own = random.ints(1 + random.nextInt(60), 3, 250);
      int[] prompt =
          i % 2 == 0 ? own.toArray() : IntStream.concat(Arrays.stream(shared), own).toArray();
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .temperature(i % 5 == 4 ? 0 : temperature)
              .topP(0.95)
              .seed(i)
              .presencePenalty(i % 7 == 6 ? 0.5 : 0)
              .ignoreEos(true)
              .maxTokens(1 + random.nextInt(24))
              .build());
    }
    List<int[]> expected = generate(model, c -> c, requests);
    for (int row = 0; row < ROWS; row += ROWS / ROWS_ALONE) {
      assertThat(generate(model, c -> c, requests.subList(row, row + 1)).get(0))
          .as("row %d alone", row)
          .isEqualTo(expected.get(row));
    }
    assertSame(expected, generate(model, c -> c.enablePrefixCaching(false), requests), "unshared");
    assertSame(
        expected,
        generate(model, c -> c.maxNumSeqs(7).maxNumBatchedTokens(33), requests),
        "in small steps");
    assertSame(expected, generate(model, c -> c.blockSize(8), requests), "in small blocks");
    // Memory for a few rows only: the youngest lose theirs again and again.
    try (GptOssEngine engine =
        open(model, c -> c.maxModelLen(256).blockSize(8).kvCacheBytes(600_000))) {
      assertSame(expected, tokens(engine, requests), "with preemption");
      assertThat(engine.stats().preemptions()).as("preemptions").isPositive();
    }
  }

  private static void assertSame(List<int[]> expected, List<int[]> actual, String how) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i)).as("row %d %s", i, how).isEqualTo(expected.get(i));
    }
  }

  private static GptOssEngine open(String model, UnaryOperator<EngineConfig.Builder> with) {
    EngineConfig.Builder config =
        EngineConfig.builder("src/test/resources/goldens/model/" + model)
            .backend("cuda")
            .kvCacheBytes(8 << 20)
            .maxModelLen(512);
    return GptOssEngine.open(with.apply(config).build());
  }

  private static List<int[]> generate(
      String model, UnaryOperator<EngineConfig.Builder> with, List<GenerationRequest> requests)
      throws Exception {
    try (GptOssEngine engine = open(model, with)) {
      return tokens(engine, requests);
    }
  }

  private static List<int[]> tokens(GptOssEngine engine, List<GenerationRequest> requests)
      throws InterruptedException {
    return engine.generate(requests).stream().map(GenerationResult::tokens).toList();
  }
}

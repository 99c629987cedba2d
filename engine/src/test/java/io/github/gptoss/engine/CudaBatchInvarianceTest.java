package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** On the CUDA backend, too, a row's tokens do not depend on what else is computed, or how. */
class CudaBatchInvarianceTest {
  private static final int ROWS = 48;
  private static final int ROWS_ALONE = 4;
  private static final int SEEDS = 2;
  private static final int ROWS_CHECKED = 7;

  /**
   * Queued work runs as late as it may, so that a token that is read too early shows; one
   * multiprocessor, so that steps of many tokens are computed in large blocks.
   */
  private static EmulatedMachine machine() {
    return EmulatedMachine.fast().devices(128).processors(1).deferred();
  }

  @ParameterizedTest
  @CsvSource({"tiny-mxfp4, 0", "odd-mxfp4-sharded, 0.9", "tiny-bf16-experts, 0"})
  void rowsAreTheSameEverywhere(String model, double temperature) throws Exception {
    GpuTests.start(machine());
    Random random = new Random(11);
    int[] shared = random.ints(45, 3, 250).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      IntStream own = random.ints(1 + random.nextInt(60), 3, 250);
      int[] prompt =
          i % 2 == 0 ? own.toArray() : IntStream.concat(Arrays.stream(shared), own).toArray();
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .sampling(
                  SamplingParams.builder()
                      .temperature(i % 5 == 4 ? 0 : temperature)
                      .topP(0.95)
                      .seed(i)
                      .presencePenalty(i % 7 == 6 ? 0.5 : 0)
                      .build())
              .ignoreEos(true)
              .maxTokens(1 + random.nextInt(16))
              .build());
    }
    List<int[]> expected = generate(model, c -> c, requests);
    try (GptOssEngine engine = open(model, c -> c)) {
      for (int row = 0; row < ROWS; row += ROWS / ROWS_ALONE) {
        assertThat(tokens(engine, requests.subList(row, row + 1)).get(0))
            .as("row %d alone", row)
            .isEqualTo(expected.get(row));
      }
    }
    assertSame(expected, generate(model, c -> c.enablePrefixCaching(false), requests), "unshared");
    assertSame(
        expected,
        generate(model, c -> c.maxNumSeqs(7).maxNumBatchedTokens(33), requests),
        "in small steps");
    assertSame(expected, generate(model, c -> c.blockSize(8), requests), "in small blocks");
    if (!GpuTests.onRealGpu()) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        EmulatedMachine.fast().devices(48, 40, 128).order(Order.RANDOM, seed).deferred().start();
        assertSame(
            expected, generate(model, c -> c.pipelineParallelSize(2), requests), "on two devices");
      }
      machine().computeCapability(80).start();
      assertSame(expected, generate(model, c -> c, requests), "without bulk copies");
      machine().start();
      // The emulator's wgmma has the bits of its mma.sync.
      assertSame(expected, generate(model, c -> c.cudaWgmma(true), requests), "by wgmma");
    }
  }

  /**
   * With every check on, of few rows: so many tokens that both shapes of dense products are run.
   */
  @ParameterizedTest
  @EnumSource(Order.class)
  void checkedRowsAreTheSameEverywhere(Order order) throws Exception {
    GpuTests.requireEmulator();
    machine().start();
    Random random = new Random(13);
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < ROWS_CHECKED; i++) {
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(random.ints(20 + i, 3, 250).toArray()))
              .sampling(SamplingParams.builder().temperature(i % 2).topP(0.95).seed(i).build())
              .ignoreEos(true)
              .maxTokens(2 + i % 3)
              .build());
    }
    List<int[]> expected = generate("tiny-mxfp4", c -> c, requests);
    EmulatedMachine.checked().devices(128).processors(1).order(order, 5).deferred().start();
    try (GptOssEngine engine = open("tiny-mxfp4", c -> c.enablePrefixCaching(false))) {
      assertSame(expected, tokens(engine, requests), "checked");
      for (int row = 0; row < 2; row++) {
        assertSame(
            expected.subList(row, row + 1),
            tokens(engine, requests.subList(row, row + 1)),
            "checked, alone");
      }
    }
  }

  @Test
  void preemptedRowsAreTheSame() throws Exception {
    GpuTests.start(machine());
    Random random = new Random(12);
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(random.ints(4, 3, 250).toArray()))
              .sampling(SamplingParams.builder().temperature(i % 2).seed(i).build())
              .ignoreEos(true)
              .maxTokens(60)
              .build());
    }
    List<int[]> expected = generate("tiny-mxfp4", c -> c, requests);
    // Memory for a few whole rows only: the youngest lose theirs again and again.
    try (GptOssEngine engine =
        open("tiny-mxfp4", c -> c.maxModelLen(256).blockSize(8).kvCacheBytes(330_000))) {
      assertSame(expected, tokens(engine, requests), "with preemption");
      assertThat(engine.stats().preemptions()).as("preemptions").isPositive();
    }
  }

  /**
   * Rows whose tokens decide how their next one is chosen, and rows that tell of their logits, are
   * computed in every step, as others are.
   */
  @ParameterizedTest
  @CsvSource({"0.5, -1", "0, 3"})
  void rowsThatLookBackTakeAStepATokenEach(double presencePenalty, int logprobs) throws Exception {
    GpuTests.start(machine());
    int tokens = 24;
    GenerationRequest request =
        GenerationRequest.raw(IntBuffer.wrap(new int[] {5, 6, 7}))
            .sampling(
                SamplingParams.builder()
                    .presencePenalty(presencePenalty)
                    .logprobs(logprobs)
                    .seed(1)
                    .build())
            .ignoreEos(true)
            .maxTokens(tokens)
            .build();
    try (GptOssEngine engine = open("tiny-mxfp4", c -> c)) {
      assertThat(engine.generate(List.of(request)).get(0).tokens()).hasSize(tokens);
      assertThat(engine.stats().steps()).isLessThanOrEqualTo(tokens + 2);
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

package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.junit.jupiter.params.provider.ValueSource;

/** A row's tokens do not depend on what else is computed, where its memory is or who computes. */
class BatchInvarianceTest {
  private static final String GOLDEN = "src/test/resources/goldens/model/odd-mxfp4-sharded";
  private static final int ROWS_ALONE = 12;
  private static final int SOME_ROWS = 120;

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.2})
  void demoRowsAreTheSameAloneAndAmong500(double temperature) throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    List<JsonNode> cases = DemoPrompts.read();
    for (int i = 0; i < 500; i++) {
      requests.add(
          DemoPrompts.request(cases.get(i % cases.size()))
              .sampling(SamplingParams.builder().temperature(temperature).seed(i).build())
              .ignoreEos(true)
              .maxTokens(24)
              .build());
    }
    assertSameEverywhere("demo", requests, 700_000);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.9})
  void goldenRowsAreTheSameAloneAndAmong500(double temperature) throws Exception {
    Random random = new Random(11);
    int[] shared = random.ints(45, 3, 333).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      int own = 1 + random.nextInt(60);
      int[] prompt =
          i % 2 == 0
              ? random.ints(own, 3, 333).toArray()
              : concat(shared, random.ints(own, 3, 333));
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .sampling(
                  SamplingParams.builder()
                      .temperature(temperature)
                      .topP(0.95)
                      .repetitionPenalty(i % 3 == 0 ? 1.3 : 1)
                      .frequencyPenalty(i % 5 == 0 ? 0.5 : 0)
                      .seed(i)
                      .build())
              .ignoreEos(true)
              .maxTokens(1 + random.nextInt(40))
              .build());
    }
    assertSameEverywhere(GOLDEN, requests, 1_250_000);
  }

  private static int[] concat(int[] head, IntStream tail) {
    return IntStream.concat(Arrays.stream(head), tail).toArray();
  }

  private static void assertSameEverywhere(
      String model, List<GenerationRequest> requests, long scarceKvBytes) throws Exception {
    List<int[]> expected = generate(model, c -> c, requests);
    try (GptOssEngine engine = open(model, c -> c.threads(1))) {
      for (int row = 0; row < requests.size(); row += requests.size() / ROWS_ALONE) {
        assertThat(tokens(engine, requests.subList(row, row + 1)).get(0))
            .as("row %d alone", row)
            .isEqualTo(expected.get(row));
      }
    }
    List<GenerationRequest> some = requests.subList(0, SOME_ROWS);
    assertEqual(
        expected, generate(model, c -> c.enablePrefixCaching(false), some), "without sharing");
    assertEqual(
        expected,
        generate(model, c -> c.threads(1).maxNumSeqs(7).maxNumBatchedTokens(33), some),
        "in small steps");
    assertEqual(expected, generate(model, c -> c.blockSize(8), some), "in small blocks");
    // Memory for a few rows only: the youngest lose theirs again and again.
    try (GptOssEngine engine =
        open(model, c -> c.maxModelLen(256).blockSize(8).kvCacheBytes(scarceKvBytes))) {
      assertEqual(expected, tokens(engine, some), "with preemption");
      assertThat(engine.stats().preemptions()).as("preemptions").isPositive();
    }
  }

  private static void assertEqual(List<int[]> expected, List<int[]> actual, String how) {
    assertThat(actual).isNotEmpty();
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i)).as("row %d %s", i, how).isEqualTo(expected.get(i));
    }
  }

  private static GptOssEngine open(String model, UnaryOperator<EngineConfig.Builder> with) {
    return GptOssEngine.open(with.apply(EngineConfig.builder(model).maxModelLen(1024)).build());
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

  @Test
  void greedyTokensMatchTheReferenceWhereItsMarginIsClear() throws Exception {
    for (String name :
        List.of("tiny-mxfp4", "tiny-mxfp4/original", "odd-mxfp4-sharded", "tiny-bf16-experts")) {
      GoldenModelTest.Golden golden = GoldenModelTest.Golden.read(name);
      List<GenerationRequest> requests = new ArrayList<>();
      for (int[] prompt : golden.prompts()) {
        requests.add(
            GenerationRequest.raw(IntBuffer.wrap(prompt)).ignoreEos(true).maxTokens(24).build());
      }
      List<int[]> actual = generate(golden.folder().toString(), c -> c.maxModelLen(0), requests);
      for (int i = 0; i < actual.size(); i++) {
        JsonNode c = golden.cases().get(i);
        if (c.get("greedy") == null) {
          continue;
        }
        int[] expected = DemoPrompts.ints(c.get("greedy"));
        for (int t = 0; t < expected.length; t++) {
          if (c.get("greedy_margin").get(t).doubleValue() < 1e-3) {
            break; // what follows a near tie may differ
          }
          assertThat(actual.get(i)[t])
              .as("%s prompt %d token %d", name, i, t)
              .isEqualTo(expected[t]);
        }
      }
    }
  }
}

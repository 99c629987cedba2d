package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.MessageKind;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GptOssEngineTest {
  private static GptOssEngine engine;

  @BeforeAll
  static void open() {
    engine = GptOssEngine.open(EngineConfig.builder("demo").build());
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static GenerationRequest.Builder ask(String prompt, String effort) {
    int[] tokens =
        HarmonyEncoding.gptOss()
            .renderForCompletion(
                ConversationBuilder.ofPrompt(prompt).reasoningEffort(effort).build());
    return GenerationRequest.harmony(IntBuffer.wrap(tokens));
  }

  private static GenerationResult one(GenerationRequest.Builder request)
      throws InterruptedException {
    return engine.generate(List.of(request.build())).get(0);
  }

  @Test
  void answersWithReasoning() throws Exception {
    GenerationResult result = one(ask("How much is 10 - 3?", "high"));
    assertThat(result.response()).isEqualTo("7");
    assertThat(result.reasoning()).isNotEmpty();
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(result.usage().outputTokens()).isEqualTo(result.tokens().length);
    assertThat(result.usage().reasoningTokens()).isBetween(1, result.tokens().length - 6);
  }

  @Test
  void closesReasoningAtItsBudgetAndStillAnswers() throws Exception {
    GenerationResult free = one(ask("How much is 10 - 3?", "high"));
    for (int budget : new int[] {0, 1, 5}) {
      GenerationResult capped = one(ask("How much is 10 - 3?", "high").maxReasoningTokens(budget));
      assertThat(capped.usage().reasoningTokens()).isEqualTo(budget);
      assertThat(capped.response()).isNotEmpty();
      assertThat(capped.finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(capped.salvaged()).isFalse();
      assertThat(free.reasoning()).startsWith(capped.reasoning());
    }
  }

  @Test
  void reasoningBudgetLeavesRoomForAnAnswerWithinMaxTokens() throws Exception {
    GenerationResult result =
        one(ask("How much is 10 - 3?", "high").maxReasoningTokens(1000).maxTokens(24));
    assertThat(result.response()).isNotEmpty();
    assertThat(result.tokens()).hasSizeLessThanOrEqualTo(24);
  }

  @Test
  void reasoningBudgetThatIsNotReachedChangesNothing() throws Exception {
    assertThat(one(ask("How much is 10 - 3?", "high").maxReasoningTokens(500)).tokens())
        .isEqualTo(one(ask("How much is 10 - 3?", "high")).tokens());
  }

  @Test
  void stopsBeforeAStopString() throws Exception {
    GenerationResult whole = one(ask("What is the capital of France?", "low"));
    assertThat(whole.response()).hasSizeGreaterThan(3);
    String stop = whole.response().substring(2, 4);
    GenerationResult cut =
        one(ask("What is the capital of France?", "low").stop(List.of("never", stop)));
    assertThat(cut.response())
        .isEqualTo(whole.response().substring(0, whole.response().indexOf(stop)));
    assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void endsAtMaxTokens() throws Exception {
    GenerationResult result = one(ask("How much is 10 - 3?", "high").maxTokens(9));
    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(result.tokens()).hasSize(9);
    assertThat(result.response()).isEmpty();
    assertThat(result.reasoning()).isNotEmpty();
  }

  @Test
  void seedsDrawDifferentTokensAndRepeatThemselves() throws Exception {
    List<List<Integer>> drawn = new ArrayList<>();
    for (long seed : new long[] {1, 2, 3, 1}) {
      GenerationResult result =
          one(
              ask("Tell me something.", "high")
                  .sampling(SamplingParams.builder().temperature(3).seed(seed).build())
                  .maxTokens(20));
      drawn.add(Arrays.stream(result.tokens()).boxed().toList());
    }
    assertThat(drawn.get(3)).isEqualTo(drawn.get(0));
    assertThat(drawn.get(1)).isNotEqualTo(drawn.get(0));
    assertThat(drawn.get(2)).isNotEqualTo(drawn.get(1));
  }

  @Test
  void reportsLogprobsOfEveryToken() throws Exception {
    GenerationResult result =
        one(
            ask("How much is 10 - 3?", "low")
                .sampling(SamplingParams.builder().logprobs(3).build()));
    assertThat(result.logprobs()).hasSize(result.tokens().length);
    for (int i = 0; i < result.tokens().length; i++) {
      TokenLogprobs token = result.logprobs().get(i);
      assertThat(token.token()).isEqualTo(result.tokens()[i]);
      assertThat(token.topTokens()[0]).isEqualTo(result.tokens()[i]);
      assertThat(token.topLogprobs()).hasSize(3);
      assertThat(token.logprob()).isEqualTo(token.topLogprobs()[0]).isLessThanOrEqualTo(0);
    }
  }

  private static SamplingParams biased(int token) {
    return SamplingParams.builder().logitBias(LogitBias.of(Map.of(token, 100f))).build();
  }

  @Test
  void logitBiasForcesAToken() throws Exception {
    GenerationResult result =
        one(ask("How much is 10 - 3?", "low").sampling(biased(42)).maxTokens(3));
    assertThat(result.tokens()).containsExactly(42, 42, 42);
  }

  @Test
  void loopDetectionEndsARepetition() throws Exception {
    GenerationResult result =
        one(
            ask("How much is 10 - 3?", "low")
                .sampling(biased(42))
                .loopDetectionTokens(32)
                .maxTokens(500));
    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(result.tokens()).hasSize(32);
  }

  @Test
  void badRowsAreResultsAndSpareTheOthers() throws Exception {
    GenerationRequest good = ask("How much is 10 - 3?", "low").build();
    GenerationRequest empty = GenerationRequest.raw(IntBuffer.allocate(0)).build();
    GenerationRequest outside =
        GenerationRequest.raw(IntBuffer.wrap(new int[] {1, 201_088})).build();
    GenerationRequest tooLong =
        GenerationRequest.raw(IntBuffer.allocate(engine.info().maxModelLen())).build();
    GenerationRequest bias =
        GenerationRequest.raw(IntBuffer.wrap(new int[] {1})).sampling(biased(300_000)).build();
    List<GenerationResult> results =
        engine.generate(List.of(good, empty, outside, tooLong, bias, good));
    assertThat(results.stream().map(r -> r.error() == null ? null : r.error().code()))
        .containsExactly(
            null,
            "invalid_prompt",
            "invalid_token",
            "context_length_exceeded",
            "invalid_parameter",
            null);
    assertThat(results.get(5).tokens()).isEqualTo(results.get(0).tokens());
    assertThat(results.get(3).finishReason()).isEqualTo(FinishReason.ERROR);
  }

  @Test
  void aReasoningBudgetNeedsRoomForAnAnswerInTheContext() throws Exception {
    int[] prompt = new int[engine.info().maxModelLen() - 9];
    GenerationResult result =
        one(GenerationRequest.harmony(IntBuffer.wrap(prompt)).maxReasoningTokens(5));
    assertThat(result.error().code()).isEqualTo("context_length_exceeded");
    assertThat(result.error().message())
        .contains("at least 10 new tokens where max_reasoning_tokens is set");
  }

  @Test
  void refusesParametersOutOfRange() {
    assertThatThrownBy(() -> ask("x", "low").maxTokens(0).build())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("max_tokens is 0");
    assertThatThrownBy(() -> ask("x", "low").maxReasoningTokens(5).maxTokens(8).build())
        .hasMessageContaining("max_tokens is 8");
    assertThatThrownBy(() -> ask("x", "low").loopDetectionTokens(-1).build())
        .hasMessageContaining("loop_detection_tokens is -1");
    assertThatThrownBy(() -> ask("x", "low").stop(List.of("")).build())
        .hasMessageContaining("stop");
  }

  @Test
  void listenersSeeEveryTokenAndTheAnswersText() throws Exception {
    StringBuilder text = new StringBuilder();
    List<Integer> seen = new ArrayList<>();
    GenerationResult result =
        one(
            ask("What is the capital of France?", "medium")
                .listener(
                    (token, kind, delta) -> {
                      seen.add(token);
                      if (kind == MessageKind.ANSWER) {
                        text.append(delta);
                      }
                    }));
    assertThat(text).hasToString(result.response());
    assertThat(seen).hasSize(result.tokens().length);
  }

  @Test
  void aThrowingListenerFailsItsOwnRequestOnly() throws Exception {
    CompletableFuture<GenerationResult> failing =
        engine.submit(
            ask("How much is 10 - 3?", "low")
                .listener(
                    (token, kind, delta) -> {
                      throw new IllegalStateException("listener");
                    })
                .build());
    assertThat(one(ask("How much is 10 - 3?", "low")).response()).isEqualTo("7");
    assertThatThrownBy(failing::get).hasMessageContaining("listener");
  }

  @Test
  void anErrorOfAListenerFailsItsOwnRequestOnly() throws Exception {
    CompletableFuture<GenerationResult> failing =
        engine.submit(
            ask("How much is 10 - 3?", "low")
                .listener(
                    (token, kind, delta) -> {
                      throw new AssertionError("listener");
                    })
                .build());
    assertThatThrownBy(failing::get).hasCauseInstanceOf(AssertionError.class);
    assertThat(engine.isAlive()).isTrue();
    assertThat(one(ask("How much is 10 - 3?", "low")).response()).isEqualTo("7");
  }

  @Test
  void cancelledRequestsLeaveTheEngine() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<GenerationResult> future =
        engine.submit(
            ask("How much is 10 - 3?", "low")
                .ignoreEos(true)
                .maxTokens(100_000)
                .listener((token, kind, delta) -> started.countDown())
                .build());
    assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
    future.cancel(true);
    while (engine.stats().runningRequests() > 0) {
      Thread.onSpinWait();
    }
    assertThat(future).isCancelled();
  }

  @Test
  void closingEndsPendingRequestsAsCancelled() throws Exception {
    GptOssEngine other = GptOssEngine.open(EngineConfig.builder("demo").build());
    CompletableFuture<GenerationResult> future =
        other.submit(ask("x", "low").ignoreEos(true).maxTokens(100_000).build());
    other.close();
    assertThat(future.get(30, TimeUnit.SECONDS).finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThatThrownBy(() -> other.submit(ask("x", "low").build()))
        .isInstanceOf(GptOssException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void requestsThatTheirCallerTimesOutGiveTheirPlaceBack() throws Exception {
    try (GptOssEngine narrow =
        GptOssEngine.open(
            EngineConfig.builder("demo").maxNumSeqs(1).maxQueuedRequests(3).build())) {
      for (int i = 0; i < 30; i++) {
        var unused =
            narrow
                .submit(ask("x", "low").ignoreEos(true).maxTokens(100_000).build())
                .orTimeout(20, TimeUnit.MILLISECONDS);
      }
      assertThat(
              narrow.generate(List.of(ask("How much is 10 - 3?", "low").build())).get(0).response())
          .isEqualTo("7");
    }
  }

  @Test
  void aCallbackMayCloseItsEngine() throws Exception {
    GptOssEngine other = GptOssEngine.open(EngineConfig.builder("demo").build());
    other
        .submit(ask("How much is 10 - 3?", "low").build())
        .thenAccept(result -> other.close())
        .get(30, TimeUnit.SECONDS);
    while (other.isAlive()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void submittingBlocksWhileTheQueueIsFull() throws Exception {
    try (GptOssEngine narrow =
        GptOssEngine.open(EngineConfig.builder("demo").maxQueuedRequests(1).build())) {
      CompletableFuture<GenerationResult> first =
          narrow.submit(ask("x", "low").ignoreEos(true).maxTokens(100_000).build());
      CompletableFuture<CompletableFuture<GenerationResult>> second =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return narrow.submit(ask("How much is 10 - 3?", "low").build());
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> second.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      first.cancel(true);
      assertThat(second.get(30, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS).response())
          .isEqualTo("7");
    }
  }

  @Test
  void sharesTheSystemPromptBetweenRows() throws Exception {
    try (GptOssEngine fresh = GptOssEngine.open(EngineConfig.builder("demo").build())) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        requests.add(ask("How much is " + i + " + 3?", "low").maxTokens(2).build());
      }
      List<GenerationResult> results = fresh.generate(requests);
      assertThat(results.get(0).usage().cachedTokens()).isZero();
      assertThat(results.subList(1, 40)).allMatch(r -> r.usage().cachedTokens() >= 32);
    }
  }

  @Test
  void refusesWhatItCannotRun() {
    assertThatThrownBy(() -> EngineConfig.builder("demo").backend("tpu").build())
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("tpu");
    EngineConfig cuda = EngineConfig.builder("demo").backend("cuda").device(77).build();
    assertThatThrownBy(() -> GptOssEngine.open(cuda))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("cuda");
    EngineConfig tooLong = EngineConfig.builder("demo").maxModelLen(131_073).build();
    assertThatThrownBy(() -> GptOssEngine.open(tooLong)).hasMessageContaining("131072");
    EngineConfig tooSmall = EngineConfig.builder("demo").kvCacheBytes(1000).build();
    assertThatThrownBy(() -> GptOssEngine.open(tooSmall))
        .isInstanceOf(InvalidConfigException.class);
    EngineConfig tooLarge = EngineConfig.builder("demo").kvCacheBytes(1L << 50).build();
    assertThatThrownBy(() -> GptOssEngine.open(tooLarge))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("kv_cache_bytes");
    EngineConfig wide = EngineConfig.builder("demo").maxNumBatchedTokens(1 << 20).build();
    assertThatThrownBy(() -> GptOssEngine.open(wide))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("max_num_batched_tokens", "1048576");
  }

  @Test
  void cutsTheContextToKvMemoryButNotBelowWhatIsAskedFor() {
    EngineConfig.Builder tight = EngineConfig.builder("demo").kvCacheBytes(4 << 20);
    int capped;
    try (GptOssEngine small = GptOssEngine.open(tight.build())) {
      capped = small.info().maxModelLen();
      assertThat(capped).isBetween(32, 100_000);
    }
    try (GptOssEngine exact = GptOssEngine.open(tight.maxModelLen(capped).build())) {
      assertThat(exact.info().maxModelLen()).isEqualTo(capped);
    }
    EngineConfig beyond = tight.maxModelLen(capped + 1).build();
    assertThatThrownBy(() -> GptOssEngine.open(beyond))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll(
            "max_model_len is " + (capped + 1), "needs", "4194304 hold only", "kv_cache_bytes");
  }

  @Test
  void textNeedsTheHarmonyVocabulary() throws Exception {
    try (GptOssEngine raw =
        GptOssEngine.open(
            EngineConfig.builder("src/test/resources/goldens/model/tiny-bf16-experts").build())) {
      GenerationRequest harmony =
          GenerationRequest.harmony(IntBuffer.wrap(new int[] {1, 2})).build();
      assertThat(raw.generate(List.of(harmony)).get(0).error().code())
          .isEqualTo("unsupported_vocabulary");
    }
  }
}

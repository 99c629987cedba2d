package io.github.gptoss.spark.internal.completions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.engine.EchoEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SharedCompletionsTest {
  private static final SharedCompletions.Stage STAGE = new SharedCompletions.Stage("app", 1);
  private static final CompletionKey KEY = new CompletionKey(1, 2, 3, 4);
  private static final GenerationResult ANSWER = EchoEngine.answer(new int[] {1, 2});

  private final SharedCompletions shared = new SharedCompletions();
  private final List<CompletableFuture<GenerationResult>> engine = new ArrayList<>();
  private final List<GenerationResult> kept = new ArrayList<>();

  private synchronized CompletableFuture<GenerationResult> submit() {
    CompletableFuture<GenerationResult> future = new CompletableFuture<>();
    engine.add(future);
    return future;
  }

  private Generation.Ticket ask(SharedCompletions.Stage stage, CompletionKey key) throws Exception {
    return shared.ask(stage, key, this::submit, kept::add);
  }

  @Test
  void equalRowsWaitForOneGenerationAndLaterOnesFindIt() throws Exception {
    Generation.Ticket first = ask(STAGE, KEY);
    Generation.Ticket second = ask(STAGE, KEY);
    assertThat(engine).hasSize(1);
    engine.get(0).complete(ANSWER);
    Generation.Ticket late = ask(STAGE, KEY);
    assertThat(engine).hasSize(1);
    for (Generation.Ticket ticket : List.of(first, second, late)) {
      assertThat(ticket.result().get()).isSameAs(ANSWER);
    }
    assertThat(List.of(first.origin(), second.origin(), late.origin()))
        .containsExactly(
            CompletionOrigin.GENERATED, CompletionOrigin.SHARED, CompletionOrigin.SHARED);
    assertThat(kept).containsExactly(ANSWER);
  }

  @Test
  void otherStagesAndOtherKeysGenerateThemselves() throws Exception {
    ask(STAGE, KEY);
    ask(new SharedCompletions.Stage("app", 2), KEY);
    ask(new SharedCompletions.Stage("another", 1), KEY);
    ask(STAGE, new CompletionKey(1, 2, 3, 5));
    assertThat(engine).hasSize(4);
  }

  @Test
  void whoeverLeavesTheOthersGetTheirCompletion() throws Exception {
    Generation.Ticket first = ask(STAGE, KEY);
    Generation.Ticket second = ask(STAGE, KEY);
    first.cancel();
    assertThat(engine.get(0)).isNotDone();
    engine.get(0).complete(ANSWER);
    assertThat(second.result().get()).isSameAs(ANSWER);
  }

  @Test
  void theLastToLeaveCancelsAndTheNextBeginsAnew() throws Exception {
    Generation.Ticket first = ask(STAGE, KEY);
    Generation.Ticket second = ask(STAGE, KEY);
    second.cancel();
    first.cancel();
    assertThat(engine.get(0)).isCancelled();
    Generation.Ticket third = ask(STAGE, KEY);
    assertThat(third.origin()).isEqualTo(CompletionOrigin.GENERATED);
    assertThat(engine).hasSize(2);
    assertThat(engine.get(1)).isNotDone();
  }

  @Test
  void aFailureReachesAllWhoWaitAndNobodyAfterThem() throws Exception {
    Generation.Ticket first = ask(STAGE, KEY);
    Generation.Ticket second = ask(STAGE, KEY);
    engine.get(0).completeExceptionally(new GptOssException("died"));
    for (Generation.Ticket ticket : List.of(first, second)) {
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> ticket.result().get())
          .havingCause()
          .withMessage("died");
    }
    assertThat(ask(STAGE, KEY).origin()).isEqualTo(CompletionOrigin.GENERATED);
    assertThat(kept).isEmpty();
  }

  @Test
  void aRowThatCannotBeSubmittedLeavesNothingBehind() throws Exception {
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(
            () ->
                shared.ask(
                    STAGE,
                    KEY,
                    () -> {
                      throw new GptOssException("closed");
                    },
                    kept::add));
    assertThat(ask(STAGE, KEY).origin()).isEqualTo(CompletionOrigin.GENERATED);
  }

  @Test
  void errorsAndCancelledRequestsAreNotKept() throws Exception {
    List<GenerationResult> useless =
        List.of(
            GenerationResult.failed("numerical_error", "not finite", 2),
            new GenerationResult(
                new int[0],
                FinishReason.CANCELLED,
                Usage.NONE,
                "",
                null,
                "",
                "",
                List.of(),
                false,
                List.of(),
                null));
    for (GenerationResult result : useless) {
      Generation.Ticket ticket = ask(STAGE, KEY);
      engine.get(engine.size() - 1).complete(result);
      assertThat(ticket.result().get()).isSameAs(result);
    }
    assertThat(engine).hasSize(2);
    assertThat(kept).isEmpty();
  }

  @Test
  void whatIsNotKeptForWantOfRoomIsGeneratedAgain() throws Exception {
    SharedCompletions tiny = new SharedCompletions(1);
    for (int i = 0; i < 2; i++) {
      Generation.Ticket ticket = tiny.ask(STAGE, KEY, this::submit, kept::add);
      engine.get(i).complete(ANSWER);
      assertThat(ticket.result().get()).isSameAs(ANSWER);
    }
    assertThat(engine).hasSize(2);
  }

  @Test
  void whatTheStoreThrowsReachesThoseWhoWait() throws Exception {
    Generation.Ticket ticket =
        shared.ask(
            STAGE,
            KEY,
            this::submit,
            result -> {
              throw new GptOssException("disk full");
            });
    engine.get(0).complete(ANSWER);
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> ticket.result().get())
        .havingCause()
        .withMessage("disk full");
  }

  @Test
  void manyTasksAtATimeStillGenerateOnce() throws Exception {
    int tasks = 8;
    ExecutorService threads = Executors.newFixedThreadPool(tasks);
    try {
      for (int round = 0; round < 200; round++) {
        CompletionKey key = new CompletionKey(round, 0, 0, 0);
        CyclicBarrier together = new CyclicBarrier(tasks);
        List<Future<Generation.Ticket>> asked = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
          boolean leaves = task % 2 == 0;
          asked.add(
              threads.submit(
                  () -> {
                    together.await();
                    Generation.Ticket ticket = ask(STAGE, key);
                    if (leaves) {
                      ticket.cancel();
                      return null;
                    }
                    return ticket;
                  }));
        }
        List<Generation.Ticket> tickets = new ArrayList<>();
        for (Future<Generation.Ticket> ticket : asked) {
          if (ticket.get() != null) {
            tickets.add(ticket.get());
          }
        }
        List<CompletableFuture<GenerationResult>> wanted =
            engine.stream().filter(future -> !future.isDone()).toList();
        assertThat(wanted).hasSize(1);
        wanted.get(0).complete(ANSWER);
        for (Generation.Ticket ticket : tickets) {
          assertThat(ticket.result().get()).isSameAs(ANSWER);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }
}

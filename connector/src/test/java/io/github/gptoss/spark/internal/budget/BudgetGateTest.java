package io.github.gptoss.spark.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.engine.CompletionEngine;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generations of prompts of 10 tokens, 90 of completions at most, which take 10. */
@Timeout(60)
class BudgetGateTest {
  private static final int PROMPT = 10;
  private static final int MOST = 90;
  private static final int TAKES = 10;

  private final BudgetAccounts accounts = new BudgetAccounts();
  private final ScheduledExecutorService thread = DaemonThreads.timer("gate-test");
  private final Engine engine = new Engine();
  private final List<BudgetGate> gates = new ArrayList<>();

  /** An engine that ends generations when it is told to. */
  private static final class Engine implements CompletionEngine {
    private final List<CompletableFuture<GenerationResult>> begun = new CopyOnWriteArrayList<>();

    @Override
    public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
      CompletableFuture<GenerationResult> result = new CompletableFuture<>();
      begun.add(result);
      return result;
    }

    void end(int which) {
      begun
          .get(which)
          .complete(
              new GenerationResult(
                  new int[TAKES],
                  FinishReason.STOP,
                  new Usage(PROMPT, TAKES, 0, 0),
                  "answer",
                  null,
                  "",
                  "",
                  List.of(),
                  false,
                  List.of(),
                  null));
    }

    @Override
    public boolean isAlive() {
      return true;
    }

    @Override
    public EngineInfo info() {
      return new EngineInfo("scripted", "fingerprint", "cpu", 1 << 17, 10, true, Map.of(), 0);
    }

    @Override
    public EngineStats stats() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void end() {
    gates.forEach(BudgetGate::leave);
    thread.shutdownNow();
  }

  private BudgetGate gate(Budget budget, int places) {
    BudgetGate gate =
        new BudgetGate(
            "run", budget, places, claim -> accounts.claim(claim, System.nanoTime()), thread);
    gate.enter();
    gates.add(gate);
    return gate;
  }

  private static Budget tokens(long tokens) {
    return new Budget(tokens, Budget.UNLIMITED);
  }

  private List<CompletableFuture<GenerationResult>> submit(BudgetGate gate, int rows) {
    List<CompletableFuture<GenerationResult>> results = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      results.add(gate.submit(request(), engine, new BudgetedRow()));
    }
    return results;
  }

  private static GenerationRequest request() {
    return GenerationRequest.harmony(IntBuffer.allocate(PROMPT)).maxTokens(MOST).build();
  }

  private static BudgetedRow begun() {
    BudgetedRow row = new BudgetedRow();
    row.begin();
    return row;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(2);
    }
  }

  private void settle() throws Exception {
    // Whatever the gate's thread has to do now is done when this is.
    thread.submit(() -> {}).get();
    thread.submit(() -> {}).get();
  }

  @Test
  void beginsNoMoreThanTheBudgetAllowsByItsEstimates() throws Exception {
    List<CompletableFuture<GenerationResult>> rows = submit(gate(tokens(250), 100), 10);
    // Two take 200 at most, and the third is begun with what is left of 250.
    await(() -> engine.begun.size() == 3);
    settle();
    assertThat(engine.begun).hasSize(3);
    assertThat(rows).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void estimatesByWhatHasEndedAndRefusesTheRestWhenAllIsSpent() throws Exception {
    List<CompletableFuture<GenerationResult>> rows = submit(gate(tokens(250), 100), 40);
    for (int ended = 0; ended < 40 && rows.stream().anyMatch(row -> !row.isDone()); ended++) {
      int next = ended;
      await(() -> engine.begun.size() > next || rows.stream().allMatch(CompletableFuture::isDone));
      if (engine.begun.size() > next) {
        engine.end(next);
      }
    }
    long done = rows.stream().filter(row -> row.join().error() == null).count();
    // 20 tokens each: the one that is begun with the last 10 ends.
    assertThat(done).isEqualTo(13);
    assertThat(rows.subList(13, 40))
        .allSatisfy(
            row -> {
              assertThat(row.join().error().code()).isEqualTo(Budget.EXCEEDED);
              assertThat(row.join().error().message())
                  .startsWith("token_budget of 250 tokens is spent (260) and the row had not begun")
                  .contains("start the same job again");
              assertThat(row.join().usage().totalTokens()).isZero();
            });
  }

  @Test
  void rowsThatHaveBegunGoFirstAndAreNotRefused() throws Exception {
    BudgetGate gate = gate(tokens(5), 1);
    List<CompletableFuture<GenerationResult>> rows = submit(gate, 2);
    await(() -> engine.begun.size() == 1);
    CompletableFuture<GenerationResult> begun = gate.submit(request(), engine, begun());
    engine.end(0);
    await(() -> engine.begun.size() == 2);
    engine.end(1);
    assertThat(begun.join().error()).isNull();
    assertThat(rows.get(1).join().error().code()).isEqualTo(Budget.EXCEEDED);
    assertThat(gate.submit(request(), engine, new BudgetedRow()).join().error().code())
        .isEqualTo(Budget.EXCEEDED);
    assertThat(gate.submit(request(), engine, begun())).isNotDone();
    await(() -> engine.begun.size() == 3);
  }

  @Test
  void aRowWhosePartHasBegunIsNotLeftInTheMiddle() throws Exception {
    BudgetGate gate = gate(tokens(5), 1);
    BudgetedRow whole = new BudgetedRow();
    List<CompletableFuture<GenerationResult>> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(gate.submit(request(), engine, whole));
    }
    List<CompletableFuture<GenerationResult>> others = submit(gate, 2);
    for (int i = 0; i < 3; i++) {
      int next = i;
      await(() -> engine.begun.size() > next);
      engine.end(next);
      assertThat(parts.get(i).join().error()).isNull();
    }
    for (CompletableFuture<GenerationResult> other : others) {
      assertThat(other.join().error().code()).isEqualTo(Budget.EXCEEDED);
    }
    assertThat(gate.submit(request(), engine, whole)).isNotDone();
    await(() -> engine.begun.size() == 4);
  }

  @Test
  void aRowOfWhichSomethingWasKeptMeanwhileIsNotRefused() throws Exception {
    BudgetGate gate = gate(tokens(5), 1);
    submit(gate, 1);
    await(() -> engine.begun.size() == 1);
    BudgetedRow row = new BudgetedRow();
    CompletableFuture<GenerationResult> part = gate.submit(request(), engine, row);
    row.begin();
    engine.end(0);
    await(() -> engine.begun.size() == 2);
    engine.end(1);
    assertThat(part.join().error()).isNull();
  }

  @Test
  void aSecondExecutorTakesWhatTheFirstOneGivesBack() throws Exception {
    submit(gate(tokens(100), 100), 1);
    await(() -> engine.begun.size() == 1);
    List<CompletableFuture<GenerationResult>> others = submit(gate(tokens(100), 100), 2);
    settle();
    assertThat(engine.begun).hasSize(1);
    engine.end(0);
    await(() -> engine.begun.size() == 2);
    assertThat(others).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void givesTheEngineFewMoreThanItComputes() throws Exception {
    submit(gate(tokens(1_000_000), 3), 5);
    await(() -> engine.begun.size() == 3);
    settle();
    assertThat(engine.begun).hasSize(3);
    engine.end(0);
    await(() -> engine.begun.size() == 4);
  }

  @Test
  void rowsThatHaveNotBegunWhenTheTimeIsOverAreRefused() throws Exception {
    List<CompletableFuture<GenerationResult>> rows =
        submit(gate(new Budget(Budget.UNLIMITED, 200), 1), 3);
    await(() -> engine.begun.size() == 1);
    assertThat(rows.get(2).get(20, TimeUnit.SECONDS).error().message())
        .startsWith("time_budget is over");
    assertThat(rows.get(0)).isNotDone();
    engine.end(0);
    assertThat(rows.get(0).join().error()).isNull();
    assertThat(engine.begun).hasSize(1);
  }

  @Test
  void cancelsWhatWaitsAndWhatTheEngineHas() throws Exception {
    List<CompletableFuture<GenerationResult>> rows = submit(gate(tokens(1_000_000), 1), 3);
    await(() -> engine.begun.size() == 1);
    rows.get(1).cancel(true);
    rows.get(0).cancel(true);
    await(() -> engine.begun.size() == 2);
    assertThat(engine.begun.get(0)).isCancelled();
    engine.end(1);
    assertThat(rows.get(2).join().response()).isEqualTo("answer");
    assertThatThrownBy(() -> rows.get(1).join()).isInstanceOf(CancellationException.class);
  }

  @Test
  void whatTheDriverDoesNotAnswerFailsTheRows() {
    BudgetGate gate =
        new BudgetGate(
            "run",
            tokens(100),
            1,
            claim -> {
              throw new GptOssException("no driver");
            },
            thread);
    assertThatThrownBy(
            () -> gate.submit(request(), engine, new BudgetedRow()).get(20, TimeUnit.SECONDS))
        .hasRootCauseMessage("no driver");
  }
}

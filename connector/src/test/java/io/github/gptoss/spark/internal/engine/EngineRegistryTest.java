package io.github.gptoss.spark.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskKilledException;
import org.junit.jupiter.api.Test;

class EngineRegistryTest {
  private static final EngineConfig A = EngineConfig.builder("a").build();
  private static final EngineConfig B = EngineConfig.builder("b").threads(3).build();
  private static final Work NEVER_KILLED = () -> {};

  private final List<EchoEngine> opened = new ArrayList<>();
  private final EngineRegistry registry = new EngineRegistry(this::open, TestProcess.LOCAL);

  private synchronized CompletionEngine open(EngineConfig config) {
    EchoEngine engine = new EchoEngine();
    opened.add(engine);
    return engine;
  }

  @Test
  void opensOneEngineForManyTasks() throws Exception {
    ExecutorService tasks = Executors.newFixedThreadPool(8);
    try {
      List<Future<CompletionEngine>> engines = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        engines.add(tasks.submit(() -> registry.acquire(A, NEVER_KILLED).engine()));
      }
      for (Future<CompletionEngine> engine : engines) {
        assertThat(engine.get()).isSameAs(opened.get(0));
      }
    } finally {
      tasks.shutdownNow();
    }
    assertThat(opened).hasSize(1);
  }

  @Test
  void keepsTheEngineOpenBetweenTasks() {
    registry.acquire(A, NEVER_KILLED).close();
    registry.acquire(A, NEVER_KILLED).close();
    assertThat(opened).hasSize(1);
    assertThat(opened.get(0).closed).isFalse();
  }

  @Test
  void refusesOtherSettingsWhileTheEngineIsInUseAndNamesBoth() {
    try (EngineRegistry.Lease lease = registry.acquire(A, NEVER_KILLED)) {
      assertThat(lease.engine()).isNotNull();
      assertThatExceptionOfType(InvalidConfigException.class)
          .isThrownBy(() -> registry.acquire(B, NEVER_KILLED))
          .withMessageContaining("model=a")
          .withMessageContaining("model=b")
          .withMessageContaining("threads=3")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("max_num_seqs", "Config["));
    }
    assertThat(opened).hasSize(1);
  }

  @Test
  void replacesAnIdleEngine() {
    registry.acquire(A, NEVER_KILLED).close();
    try (EngineRegistry.Lease lease = registry.acquire(B, NEVER_KILLED)) {
      assertThat(lease.engine()).isSameAs(opened.get(1));
    }
    assertThat(opened.get(0).closed).isTrue();
  }

  @Test
  void replacesADeadEngineEvenWhileItsTasksAreStillEnding() {
    EngineRegistry.Lease dying = registry.acquire(A, NEVER_KILLED);
    opened.get(0).alive = false;
    EngineRegistry.Lease next = registry.acquire(A, NEVER_KILLED);
    assertThat(next.engine()).isSameAs(opened.get(1));
    dying.close();
    assertThat(registry.closeIdle()).isFalse();
    next.close();
    assertThat(registry.closeIdle()).isTrue();
  }

  @Test
  void tasksFindThePreloadedEngineAndNeverWaitForAnotherOneToBeGivenUp() {
    CompletionEngine preloaded = registry.preload(A, opening -> A).join();
    assertThat(registry.view()).isEqualTo(new EngineRegistry.Status(A, preloaded, null, false));
    try (EngineRegistry.Lease lease = registry.acquire(A, NEVER_KILLED)) {
      assertThat(lease.engine()).isSameAs(preloaded);
      assertThatExceptionOfType(InvalidConfigException.class)
          .isThrownBy(() -> registry.preload(B, opening -> B))
          .withMessageContaining("model=a")
          .withMessageContaining("model=b");
    }
    try (EngineRegistry.Lease lease = registry.acquire(B, NEVER_KILLED)) {
      assertThat(lease.engine()).isSameAs(opened.get(1));
    }
    assertThat(opened.get(0).closed).isTrue();
  }

  @Test
  void closingALeaseTwiceIsClosingItOnce() {
    EngineRegistry.Lease one = registry.acquire(A, NEVER_KILLED);
    EngineRegistry.Lease two = registry.acquire(A, NEVER_KILLED);
    one.close();
    one.close();
    assertThat(registry.closeIdle()).isFalse();
    two.close();
    assertThat(registry.closeIdle()).isTrue();
    assertThat(opened.get(0).closed).isTrue();
  }

  @Test
  void triesAgainAfterAModelThatCouldNotBeOpened() {
    AtomicInteger tries = new AtomicInteger();
    EngineRegistry flaky =
        new EngineRegistry(
            config -> {
              if (tries.getAndIncrement() == 0) {
                throw new InvalidModelException("/models/m: no config.json");
              }
              return new EchoEngine();
            },
            TestProcess.LOCAL);
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> flaky.acquire(A, NEVER_KILLED));
    assertThat(flaky.acquire(B, NEVER_KILLED).engine()).isNotNull();
  }

  @Test
  void aKilledTaskStopsWaitingAndTheOthersGetTheEngineThatItBegan() throws Exception {
    CountDownLatch mayFinish = new CountDownLatch(1);
    EngineRegistry slow = slowRegistry(mayFinish);
    Work killed =
        () -> {
          throw new TaskKilledException("test");
        };
    // The first task begins the opening and is killed while it waits for it.
    assertThatExceptionOfType(TaskKilledException.class).isThrownBy(() -> slow.acquire(A, killed));
    ExecutorService tasks = Executors.newSingleThreadExecutor();
    try {
      Future<EngineRegistry.Lease> other = tasks.submit(() -> slow.acquire(A, NEVER_KILLED));
      mayFinish.countDown();
      other.get().close();
    } finally {
      tasks.shutdownNow();
    }
    assertThat(opened).hasSize(1);
    assertThat(slow.closeIdle()).isTrue();
    assertThat(opened.get(0).closed).isTrue();
  }

  @Test
  void anInterruptedTaskDoesNotInterruptTheOpening() throws Exception {
    CountDownLatch mayFinish = new CountDownLatch(1);
    EngineRegistry slow = slowRegistry(mayFinish);
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(TaskKilledException.class)
        .isThrownBy(() -> slow.acquire(A, NEVER_KILLED));
    assertThat(Thread.interrupted()).isTrue();
    mayFinish.countDown();
    slow.acquire(A, NEVER_KILLED).close();
    assertThat(opened).hasSize(1);
  }

  @Test
  void closesAnEngineThatNobodyWantsAnyMoreBeforeItOpensAnother() {
    CountDownLatch mayFinish = new CountDownLatch(1);
    EngineRegistry slow = slowRegistry(mayFinish);
    Work killed =
        () -> {
          throw new TaskKilledException("test");
        };
    assertThatExceptionOfType(TaskKilledException.class).isThrownBy(() -> slow.acquire(A, killed));
    assertThatExceptionOfType(TaskKilledException.class).isThrownBy(() -> slow.acquire(B, killed));
    mayFinish.countDown();
    try (EngineRegistry.Lease lease = slow.acquire(B, NEVER_KILLED)) {
      assertThat(lease.engine()).isSameAs(opened.get(1));
      assertThat(opened.get(0).closed).isTrue();
    }
    assertThat(opened).hasSize(2);
  }

  private EngineRegistry slowRegistry(CountDownLatch mayFinish) {
    return new EngineRegistry(
        config -> {
          try {
            mayFinish.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return open(config);
        },
        TestProcess.LOCAL);
  }

  @Test
  void opensDeadEnginesAnewAFewTimesAndThenSaysThatItDoesNot() {
    for (int i = 0; i <= EngineRegistry.MAX_REOPENS; i++) {
      EngineRegistry.Lease lease = registry.acquire(A, NEVER_KILLED);
      opened.get(i).alive = false;
      lease.close();
    }
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> registry.acquire(A, NEVER_KILLED))
        .withMessageContaining("died 4 times");
    assertThat(opened).hasSize(EngineRegistry.MAX_REOPENS + 1);
  }

  @Test
  void anExecutorWhoseEngineDiedEndsOnceAfterItsTasks() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    EngineRegistry executor = new EngineRegistry(this::open, TestProcess.executor(ended));
    EngineRegistry.Lease one = executor.acquire(A, NEVER_KILLED);
    EngineRegistry.Lease two = executor.acquire(A, NEVER_KILLED);
    opened.get(0).alive = false;
    one.close();
    // The second task has not ended: nor has the executor.
    assertThat(ended.getCount()).isEqualTo(1);
    two.close();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> executor.acquire(A, NEVER_KILLED))
        .withMessageContaining("executor ends");
    assertThat(opened).hasSize(1);
  }

  @Test
  void aTaskThatComesToAnEndingExecutorWaitsForTheEndInsteadOfFailing() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    EngineRegistry executor = new EngineRegistry(this::open, TestProcess.executor(ended));
    EngineRegistry.Lease dying = executor.acquire(A, NEVER_KILLED);
    opened.get(0).alive = false;
    AtomicInteger waits = new AtomicInteger();
    Work killedAtLast =
        () -> {
          if (waits.incrementAndGet() == 2) {
            throw new TaskKilledException("test");
          }
        };
    assertThatExceptionOfType(TaskKilledException.class)
        .isThrownBy(() -> executor.acquire(A, killedAtLast));
    assertThat(opened).hasSize(1);
    dying.close();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void showsTheOpenEngineToThoseWhoWatch() {
    assertThat(registry.opened()).isEmpty();
    registry.acquire(A, NEVER_KILLED).close();
    assertThat(registry.opened()).containsSame(opened.get(0));
    opened.get(0).alive = false;
    assertThat(registry.opened()).isEmpty();
  }
}

package io.github.gptoss.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskKilledException;
import org.junit.jupiter.api.Test;

class EngineRegistryTest {
  private static final EngineConfig A = EngineConfig.builder("a").build();
  private static final EngineConfig B = EngineConfig.builder("b").threads(3).build();
  private static final TaskScope NEVER_KILLED = () -> {};

  private final List<EchoEngine> opened = new ArrayList<>();
  private final EngineRegistry registry = new EngineRegistry(this::open);

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
          .withMessageContaining("threads=3");
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
            });
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> flaky.acquire(A, NEVER_KILLED));
    assertThat(flaky.acquire(B, NEVER_KILLED).engine()).isNotNull();
  }

  @Test
  void aTaskThatWaitsForTheModelObeysAKill() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch mayFinish = new CountDownLatch(1);
    EngineRegistry slow =
        new EngineRegistry(
            config -> {
              loading.countDown();
              try {
                mayFinish.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return new EchoEngine();
            });
    Thread opener = new Thread(() -> slow.acquire(A, NEVER_KILLED).close());
    opener.start();
    loading.await();
    assertThatExceptionOfType(TaskKilledException.class)
        .isThrownBy(
            () ->
                slow.acquire(
                    A,
                    () -> {
                      throw new TaskKilledException("test");
                    }));
    mayFinish.countDown();
    opener.join();
    assertThat(slow.closeIdle()).isTrue();
  }
}

package io.github.gptoss.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.spark.arrow.ArrowMemory;
import java.time.Duration;
import java.time.Instant;

/** What tests look at in this JVM's engine. */
public final class Engines {
  private Engines() {}

  /** Closes the engine, which no task may be using. */
  public static void close() {
    assertThat(EngineRegistry.shared().closeIdle()).isTrue();
  }

  /** Counters of the engine with these settings; opens it if need be. */
  public static EngineStats stats(EngineConfig config) {
    try (EngineRegistry.Lease lease = EngineRegistry.shared().acquire(config, () -> {})) {
      return lease.engine().stats();
    }
  }

  /** Takes part in the engine, so that others see it in use. */
  public static AutoCloseable hold(EngineConfig config) {
    return EngineRegistry.shared().acquire(config, () -> {});
  }

  /** Waits a while for tasks that are ending, then expects no Arrow memory to be held. */
  public static void assertIdle() {
    Instant end = Instant.now().plus(Duration.ofSeconds(20));
    while (ArrowMemory.allocatedBytes() > 0 && Instant.now().isBefore(end)) {
      pause();
    }
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  /** A moment. */
  public static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

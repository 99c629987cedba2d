package io.github.gptoss.spark.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What tests look at in this JVM's engine. */
public final class Engines {
  private Engines() {}

  /** Closes the engine, which no task may be using. */
  public static void close() {
    assertThat(EngineRegistry.shared().closeIdle()).isTrue();
  }

  /** The model of the engine that is open, as options name it. */
  public static String openModel() {
    return EngineRegistry.shared().view().config().model();
  }

  /** Puts a counting engine in place of this JVM's, until what is returned is closed. */
  public static AutoCloseable count(CountingEngine engine) {
    close();
    Function<EngineConfig, CompletionEngine> before = opener(config -> engine);
    return () -> {
      close();
      opener(before);
    };
  }

  /** Tells of every request to this JVM's engine, which opens as ever, from now on. */
  static void observe(Runnable onRequest) {
    wrap(engine -> new ObservedEngine(engine, onRequest));
  }

  /** Has every engine that this JVM opens from now on replaced by what this makes of it. */
  static void wrap(UnaryOperator<CompletionEngine> wrapper) {
    Function<EngineConfig, CompletionEngine> before = opener(config -> null);
    opener(config -> wrapper.apply(before.apply(config)));
  }

  /** The registry has no door for it, since nobody but a test would go through. */
  @SuppressWarnings("unchecked") // the field's own type
  private static Function<EngineConfig, CompletionEngine> opener(
      Function<EngineConfig, CompletionEngine> opener) {
    try {
      Field field = EngineRegistry.class.getDeclaredField("opener");
      field.setAccessible(true);
      Object before = field.get(EngineRegistry.shared());
      field.set(EngineRegistry.shared(), opener);
      return (Function<EngineConfig, CompletionEngine>) before;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
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

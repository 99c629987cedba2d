package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The engine for one row of a caller that sees single rows. The engine is held until the work that
 * the row belongs to ends, a task or a query of the driver: between two rows it must not look idle,
 * or another call of the same work with other settings would have it replaced row by row.
 */
public final class WorkLease implements AutoCloseable {
  /** Of work that goes on, and of ended work until the next lease is taken. */
  private static final Map<Key, EngineRegistry.Lease> HELD = new ConcurrentHashMap<>();

  private final EngineRegistry.Lease lease;
  private final boolean held;

  private record Key(EngineRegistry registry, Object work, OptionValues options) {}

  private WorkLease(EngineRegistry.Lease lease, boolean held) {
    this.lease = lease;
    this.held = held;
  }

  /** As {@link EngineRegistry#acquire(OptionValues, Work)}. */
  public static WorkLease acquire(OptionValues options, Work scope) {
    return acquire(EngineRegistry.shared(), options, scope);
  }

  public static WorkLease acquire(EngineRegistry registry, OptionValues options, Work scope) {
    if (scope.work() == null) {
      return new WorkLease(registry.acquire(options, scope), false);
    }
    Key key = new Key(registry, scope.work(), options);
    EngineRegistry.Lease mine = HELD.get(key);
    if (mine == null) {
      HELD.values().removeIf(EngineRegistry.Lease::closeIfEnded);
      EngineRegistry.Lease taken = registry.acquire(options, scope);
      EngineRegistry.Lease before = HELD.putIfAbsent(key, taken);
      if (before == null) {
        scope.onEnd(
            () -> {
              HELD.remove(key);
              taken.close();
            });
        mine = taken;
      } else {
        // Another thread of the same work was first.
        taken.close();
        mine = before;
      }
    }
    return new WorkLease(mine, true);
  }

  public CompletionEngine engine() {
    return lease.engine();
  }

  @Override
  public void close() {
    if (!held) {
      lease.close();
    }
  }
}

package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.conf.OptionValues;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;

/**
 * The engine for one row of a caller that sees single rows. Within a task the engine is held until
 * the task ends: between two rows it must not look idle, or another call of the same task with
 * other settings would have it replaced row by row.
 */
final class TaskLease implements AutoCloseable {
  /** Of the running tasks. */
  private static final Map<Key, EngineRegistry.Lease> HELD = new ConcurrentHashMap<>();

  private final EngineRegistry.Lease lease;
  private final boolean held;

  private record Key(long taskAttemptId, OptionValues options) {}

  private TaskLease(EngineRegistry.Lease lease, boolean held) {
    this.lease = lease;
    this.held = held;
  }

  /** As {@link EngineRegistry#acquire(OptionValues, TaskScope)}. */
  static TaskLease acquire(OptionValues options, TaskScope scope) {
    TaskContext task = TaskContext.get();
    if (task == null) {
      return new TaskLease(EngineRegistry.shared().acquire(options, scope), false);
    }
    Key key = new Key(task.taskAttemptId(), options);
    EngineRegistry.Lease mine = HELD.get(key);
    if (mine == null) {
      EngineRegistry.Lease taken = EngineRegistry.shared().acquire(options, scope);
      EngineRegistry.Lease before = HELD.putIfAbsent(key, taken);
      if (before == null) {
        task.<Void>addTaskCompletionListener(
            context -> {
              HELD.remove(key).close();
              return null;
            });
        mine = taken;
      } else {
        // Another thread of the task was first.
        taken.close();
        mine = before;
      }
    }
    return new TaskLease(mine, true);
  }

  CompletionEngine engine() {
    return lease.engine();
  }

  @Override
  public void close() {
    if (!held) {
      lease.close();
    }
  }
}

package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.arrow.ArrowMemory;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.Iterator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Completes a partition of external rows whose last column is the prompt: it goes, the completion
 * comes. Runs on executors; carries options only.
 */
public final class RowCompleter implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final OptionValues options;
  private final boolean isMessages;
  private final CompletionObserver observer;

  public RowCompleter(OptionValues options, boolean isMessages, CompletionObserver observer) {
    this.options = options;
    this.isMessages = isMessages;
    this.observer = observer;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      // An empty partition needs no model.
      return rows;
    }
    TaskContext task = TaskContext.get();
    TaskScope scope = TaskScope.current();
    CompletionCall call =
        CompletionCall.of(options, new HarmonyPromptRenderer(options, isMessages), observer);
    BufferAllocator memory =
        ArrowMemory.newChild("gptoss-task-" + (task == null ? "none" : task.taskAttemptId()));
    EngineRegistry.Lease lease = acquire(scope, memory);
    CompletionIterator<Row, Row> completed =
        new CompletionIterator<>(
            rows, new ExternalRows(call.includeTokens()), call, lease, scope, memory);
    if (task != null) {
      task.<Void>addTaskCompletionListener(
          context -> {
            completed.close();
            return null;
          });
    }
    return completed;
  }

  private EngineRegistry.Lease acquire(TaskScope scope, BufferAllocator memory) {
    try {
      return EngineRegistry.shared().acquire(options, scope);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }
}

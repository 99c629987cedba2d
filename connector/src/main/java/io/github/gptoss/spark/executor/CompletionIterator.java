package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.arrow.ArrowMemory;
import io.github.gptoss.spark.arrow.CompletionBatch;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.TaskContext;

/**
 * The batching core: rows in, the same rows with their completions out, in order, one for one.
 *
 * <p>Rows are rendered and written as token ids into Arrow batches, and a batch's rows are
 * submitted together. A sliding window of them is in flight, bounded in rows and bytes, so that the
 * engine always has plenty to batch from and memory does not grow with the table. Finished rows
 * leave through Arrow batches of as many as are finished when the first one is wanted. What is
 * wrong with one row becomes that row's error, unless errors are to fail the task; else only a dead
 * engine or a killed task ends the iterator.
 *
 * <p>Belongs to one thread. {@link #close} cancels what is pending and frees the Arrow memory; it
 * has to be called whether or not the rows were used up.
 */
public final class CompletionIterator<I, O> implements Iterator<O>, AutoCloseable {
  private static final int DRAINED_ROWS = 256;

  /** A batch's share of the window: what it has drained has to stay until it has left. */
  private static final int DRAINED_SHARE = 8;

  private final RowAdapter<I, O> adapter;
  private final CompletionCall call;
  private final EngineRegistry.Lease lease;
  private final CompletionSource source;
  private final TaskScope scope;
  private final BufferAllocator allocator;

  private final RowIntake<I> intake;
  private final CompletionBatch completions;
  private final List<I> drained = new ArrayList<>();
  private long drainedBytes;
  private int nextDrained;
  private long rowsDrained;
  private boolean closed;

  /**
   * @param call what all rows have in common
   * @param lease the engine's; closed with this iterator
   * @param source gives this task's completions; closed with this iterator
   * @param allocator closed with this iterator
   */
  CompletionIterator(
      Iterator<I> rows,
      RowAdapter<I, O> adapter,
      CompletionCall call,
      EngineRegistry.Lease lease,
      CompletionSource source,
      TaskScope scope,
      BufferAllocator allocator) {
    this.adapter = adapter;
    this.call = call;
    this.lease = lease;
    this.source = source;
    this.scope = scope;
    this.allocator = allocator;
    intake = new RowIntake<>(rows, adapter, call, source, scope, allocator);
    completions = new CompletionBatch(allocator);
  }

  /**
   * Completes a task's rows through this JVM's engine; opens that if need be, and not at all where
   * there are no rows. Ends with the task, used up or not.
   *
   * @param stores opened once on this thread, and not at all where there are no rows
   */
  public static <I, O> Iterator<O> start(
      Iterator<I> rows,
      RowAdapter<I, O> adapter,
      OptionValues options,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    CompletionCall call = CompletionCall.of(options, HarmonyPromptRenderer::new, observer);
    TaskContext task = TaskContext.get();
    TaskScope scope = TaskScope.current();
    EngineRegistry.Lease lease = EngineRegistry.shared().acquire(options, scope);
    CompletionIterator<I, O> completed;
    try {
      BufferAllocator memory =
          ArrowMemory.newChild("gptoss-task-" + (task == null ? "none" : task.taskAttemptId()));
      completed = open(rows, adapter, call, lease, stores, scope, memory);
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
    if (task != null) {
      task.<Void>addTaskCompletionListener(
          context -> {
            completed.close();
            return null;
          });
    }
    return completed;
  }

  private static <I, O> CompletionIterator<I, O> open(
      Iterator<I> rows,
      RowAdapter<I, O> adapter,
      CompletionCall call,
      EngineRegistry.Lease lease,
      CompletionStore.Factory stores,
      TaskScope scope,
      BufferAllocator memory) {
    CompletionSource source = null;
    try {
      source = CompletionSource.open(call, lease, stores);
      return new CompletionIterator<>(rows, adapter, call, lease, source, scope, memory);
    } catch (RuntimeException | Error e) {
      if (source != null) {
        source.close();
      }
      memory.close();
      throw e;
    }
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      return false;
    }
    if (nextDrained < drained.size() || intake.hasRows()) {
      return true;
    }
    close();
    return false;
  }

  @Override
  public O next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (nextDrained == drained.size()) {
      letGo();
      intake.fill();
      drain();
    }
    int index = nextDrained++;
    return adapter.complete(drained.get(index), completions, index);
  }

  /** Forgets the rows that have left, before others are read in their place. */
  private void letGo() {
    drained.clear();
    completions.clear();
    nextDrained = 0;
    intake.release(drainedBytes);
    drainedBytes = 0;
  }

  /** Waits for the first row in flight and takes all that are finished behind it. */
  private void drain() {
    var inFlight = intake.inFlight();
    do {
      Pending<I> head = inFlight.element();
      GenerationResult result = scope.await(head.ticket.result());
      inFlight.remove();
      take(head, result);
    } while (drained.size() < DRAINED_ROWS
        && drainedBytes < call.window().bytes() / DRAINED_SHARE
        && !inFlight.isEmpty()
        && inFlight.element().ticket.result().isDone());
  }

  private void take(Pending<I> row, GenerationResult result) {
    if (result != Pending.NOTHING) {
      CompletionCounters.shared().count(result, row.ticket.origin());
      call.observer().completed(result, row.ticket.origin(), row.ticket.endedMillis());
      if (call.failOnError() && result.error() != null) {
        throw ExecutorErrors.rowFailed(
            result.error().code(), rowsDrained, TaskContext.getPartitionId());
      }
    }
    completions.append(result, row.prompt);
    drained.add(row.row);
    drainedBytes += row.weight;
    rowsDrained++;
  }

  /**
   * Cancels what is pending, frees the Arrow memory and lets go of the engine. Closing twice is
   * closing once.
   *
   * @throws IllegalStateException if Arrow memory leaked
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    drained.clear();
    nextDrained = 0;
    intake.close();
    completions.close();
    try {
      source.close();
    } finally {
      lease.close();
      allocator.close();
    }
  }
}

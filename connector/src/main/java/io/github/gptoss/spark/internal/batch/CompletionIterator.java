package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.ExecutorErrors;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.HarmonyPromptRenderer;
import io.github.gptoss.spark.internal.tools.ToolData;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The batching core: rows in, the same rows with their completions out, in order, one for one.
 *
 * <p>Rows are rendered and written as token ids into Arrow batches, and a batch's rows are
 * submitted together. A sliding window of them is in flight, bounded in rows and bytes, so that the
 * engine always has plenty to batch from and memory does not grow with the table. Completions are
 * written into Arrow batches as they finish, and wait there for their row's turn. What is wrong
 * with one row becomes that row's error, unless errors are to fail the task; else only a dead
 * engine or a killed task ends the iterator.
 *
 * <p>Belongs to one thread. {@link #close} cancels what is pending and frees the Arrow memory; it
 * has to be called whether or not the rows were used up.
 */
public final class CompletionIterator implements Iterator<InternalRow>, AutoCloseable {
  /** After so many samples have left, others are read in their place, finished rows or not. */
  private static final int REFILL_ROWS = 256;

  /** As many bytes as this share of the window have the same effect. */
  private static final int REFILL_SHARE = 8;

  private final BiFunction<AskingRow, InternalRow, InternalRow> completer;
  private final CompletionCall call;
  private final EngineRegistry.Lease lease;
  private final CompletionSource source;
  private final Work scope;
  private final BufferAllocator allocator;

  private final RowIntake intake;
  private final FinishedRows finished;

  /** The row that left last; held until the next one is wanted. */
  private InFlightRow leaving;

  private long rowsLeft;
  private int rowsLeftSinceFill;
  private long bytesLeftSinceFill;
  private boolean closed;

  /**
   * @param completer puts a completion, a view that is valid during the call, behind what is kept
   *     of a row; the completion is null where the row asked nothing
   * @param call what all rows have in common; its tools are closed with this iterator
   * @param lease the engine's; closed with this iterator
   * @param source gives this task's completions; closed with this iterator
   * @param allocator closed with this iterator
   */
  CompletionIterator(
      Iterator<AskingRow> rows,
      BiFunction<AskingRow, InternalRow, InternalRow> completer,
      CompletionCall call,
      EngineRegistry.Lease lease,
      CompletionSource source,
      Work scope,
      BufferAllocator allocator) {
    this.completer = completer;
    this.call = call;
    this.lease = lease;
    this.source = source;
    this.scope = scope;
    this.allocator = allocator;
    finished = new FinishedRows(call, scope, allocator);
    intake = new RowIntake(rows, call, source, finished, scope, allocator);
  }

  /**
   * Completes a task's rows through this JVM's engine; opens that if need be, and not at all where
   * there are no rows. Ends with the task, used up or not.
   *
   * @param tables what tools answer from
   * @param areBegun whether another call has begun the rows, so that a budget refuses none
   * @param stores opened once on this thread, and not at all where there are no rows
   * @param caches the same, of what runs share
   */
  public static Iterator<InternalRow> start(
      Iterator<AskingRow> rows,
      InternalRows completer,
      OptionValues options,
      ToolData tables,
      CompletionObserver observer,
      boolean areBegun,
      CompletionStore.Factory stores,
      CompletionStore.Factory caches) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    TaskContext task = TaskContext.get();
    Work scope = Work.current();
    EngineRegistry.Lease lease = EngineRegistry.shared().acquire(options, scope);
    ToolLoop tools = ToolLoop.NONE;
    CompletionIterator completed;
    try {
      tools = ToolLoop.open(options, tables);
      CompletionCall call =
          CompletionCall.of(options, completer.type(), HarmonyPromptRenderer::new, tools, observer);
      BufferAllocator memory =
          ArrowMemory.newChild("gptoss-task-" + (task == null ? "none" : task.taskAttemptId()));
      CompletionSource source =
          source(call, lease, () -> Admission.open(options, areBegun), stores, caches, memory);
      completed = open(rows, completer, call, lease, source, scope, memory);
    } catch (RuntimeException | Error e) {
      lease.close();
      tools.close();
      throw e;
    }
    scope.onEnd(completed::close);
    return completed;
  }

  private static CompletionIterator open(
      Iterator<AskingRow> rows,
      InternalRows completer,
      CompletionCall call,
      EngineRegistry.Lease lease,
      CompletionSource source,
      Work scope,
      BufferAllocator memory) {
    try {
      return new CompletionIterator(rows, completer::complete, call, lease, source, scope, memory);
    } catch (RuntimeException | Error e) {
      source.close();
      memory.close();
      throw e;
    }
  }

  private static CompletionSource source(
      CompletionCall call,
      EngineRegistry.Lease lease,
      Supplier<Admission> admission,
      CompletionStore.Factory stores,
      CompletionStore.Factory caches,
      BufferAllocator memory) {
    try {
      return CompletionSource.open(call, lease, admission, stores, caches);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      return false;
    }
    if (intake.hasRows()) {
      return true;
    }
    close();
    return false;
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    letGo();
    finished.collect();
    InFlightRow next = intake.inFlight().peek();
    if (next == null || !next.isFinished() || hasRoom()) {
      fill();
      next = intake.inFlight().element();
      finished.await(next);
    }
    intake.inFlight().remove();
    leaving = next;
    return complete(next);
  }

  /** Forgets the row that has left, before others are read in its place. */
  private void letGo() {
    if (leaving == null) {
      return;
    }
    if (leaving.completion != null) {
      leaving.completion.leave();
    }
    intake.release(leaving);
    rowsLeftSinceFill += leaving.count;
    bytesLeftSinceFill += leaving.weight;
    leaving = null;
  }

  private boolean hasRoom() {
    return rowsLeftSinceFill >= REFILL_ROWS
        || bytesLeftSinceFill >= call.window().bytes() / REFILL_SHARE;
  }

  private void fill() {
    rowsLeftSinceFill = 0;
    bytesLeftSinceFill = 0;
    intake.fill();
  }

  private InternalRow complete(InFlightRow row) {
    if (row.completion == null) {
      rowsLeft++;
      return completer.apply(row.row, null);
    }
    CompletionVectors completions = row.completion.vectors();
    if (call.failOnError() && row.errorCode != null) {
      throw ExecutorErrors.rowFailed(row.errorCode, rowsLeft, TaskContext.getPartitionId());
    }
    rowsLeft++;
    return completer.apply(row.row, completions.row(row.completion.row()));
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
    leaving = null;
    ToolLoop tools = call.tools();
    // Closed from the last to the first, each whatever the others do.
    try (tools;
        allocator;
        lease;
        source;
        finished;
        intake) {
      // Nothing is left to do with them.
    }
  }
}

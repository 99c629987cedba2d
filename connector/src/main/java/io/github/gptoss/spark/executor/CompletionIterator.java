package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.arrow.ArrowMemory;
import io.github.gptoss.spark.arrow.CompletionBatch;
import io.github.gptoss.spark.arrow.TokenVector;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.TaskContext;

/**
 * The batching core: rows in, the same rows with their completions out, in order, one for one.
 *
 * <p>Rows are rendered and written as token ids into Arrow batches, and all of a batch are
 * submitted before the next is begun. A sliding window of them is in flight, bounded in rows and
 * bytes, so that the engine always has plenty to batch from and memory does not grow with the
 * table. Finished rows leave through Arrow batches of as many as are finished when the first one is
 * wanted. What is wrong with one row becomes that row's error; only a dead engine or a killed task
 * ends the iterator.
 *
 * <p>Belongs to one thread. {@link #close} cancels what is pending and frees the Arrow memory; it
 * has to be called whether or not the rows were used up.
 */
public final class CompletionIterator<I, O> implements Iterator<O>, AutoCloseable {
  private static final int PROMPT_BATCH_ROWS = 64;
  private static final int COMPLETION_BATCH_ROWS = 256;
  private static final int[] NO_TOKENS = {};

  private final Iterator<I> rows;
  private final RowAdapter<I, O> adapter;
  private final RowParameters parameters;
  private final Window window;
  private final boolean includeTokens;
  private final boolean failOnError;
  private final CompletionObserver observer;
  private final EngineRegistry.Lease lease;
  private final TaskScope scope;
  private final BufferAllocator allocator;

  private final TokenVector prompts;
  private final CompletionBatch completions;
  private final ArrayDeque<Pending<I>> inFlight = new ArrayDeque<>();
  private final List<I> completed = new ArrayList<>();
  private long heldBytes;
  private int nextCompleted;
  private long rowsDrained;
  private boolean closed;

  /** A row that is waiting for its completion. */
  private static final class Pending<I> {
    final I row;
    int[] prompt = NO_TOKENS;
    int promptRow = -1;
    RequestTemplate template;
    long weight;
    CompletableFuture<GenerationResult> result;

    Pending(I row) {
      this.row = row;
    }
  }

  /**
   * @param call what all rows have in common
   * @param lease the engine's; closed with this iterator
   * @param allocator closed with this iterator
   */
  CompletionIterator(
      Iterator<I> rows,
      RowAdapter<I, O> adapter,
      CompletionCall call,
      EngineRegistry.Lease lease,
      TaskScope scope,
      BufferAllocator allocator) {
    this.rows = rows;
    this.adapter = adapter;
    this.parameters = call.parameters();
    this.window = call.window();
    this.includeTokens = call.includeTokens();
    this.failOnError = call.failOnError();
    this.observer = call.observer();
    this.lease = lease;
    this.scope = scope;
    this.allocator = allocator;
    prompts = new TokenVector("prompts", allocator);
    completions = new CompletionBatch(allocator);
  }

  /**
   * Completes a task's rows through this JVM's engine; opens that if need be, and not at all where
   * there are no rows. Ends with the task, used up or not.
   */
  public static <I, O> Iterator<O> start(
      Iterator<I> rows,
      RowAdapter<I, O> adapter,
      OptionValues options,
      CompletionObserver observer) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    CompletionCall call = CompletionCall.of(options, HarmonyPromptRenderer::new, observer);
    TaskContext task = TaskContext.get();
    TaskScope scope = TaskScope.current();
    BufferAllocator memory =
        ArrowMemory.newChild("gptoss-task-" + (task == null ? "none" : task.taskAttemptId()));
    EngineRegistry.Lease lease;
    try {
      lease = EngineRegistry.shared().acquire(options.engineConfig(), scope);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
    CompletionIterator<I, O> completed =
        new CompletionIterator<>(rows, adapter, call, lease, scope, memory);
    if (task != null) {
      task.<Void>addTaskCompletionListener(
          context -> {
            completed.close();
            return null;
          });
    }
    return completed;
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      return false;
    }
    if (nextCompleted < completed.size() || !inFlight.isEmpty()) {
      return true;
    }
    if (rows.hasNext()) {
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
    if (nextCompleted == completed.size()) {
      fill();
      drain();
    }
    int index = nextCompleted++;
    return adapter.complete(completed.get(index), completions, index);
  }

  /** Tops the window up, a batch at a time. */
  private void fill() {
    List<Pending<I>> batch = new ArrayList<>();
    while (window.admits(inFlight.size(), heldBytes) && rows.hasNext()) {
      do {
        batch.add(take(rows.next()));
      } while (batch.size() < PROMPT_BATCH_ROWS
          && window.admits(inFlight.size(), heldBytes)
          && rows.hasNext());
      submit(batch);
      batch.clear();
      prompts.clear();
    }
  }

  private Pending<I> take(I row) {
    scope.checkNotKilled();
    Pending<I> pending = new Pending<>(row);
    int promptTokens = 0;
    int maxTokens = 0;
    try {
      PromptRow asked = adapter.input(row);
      pending.template = parameters.template(asked);
      maxTokens = pending.template.maxTokens();
      int[] ids = parameters.renderer(asked).render(asked.input(), asked.isMessages());
      promptTokens = ids.length;
      pending.promptRow = prompts.rows();
      prompts.append(ids);
      if (includeTokens) {
        pending.prompt = ids;
      }
    } catch (InvalidRequestException e) {
      pending.result = failed(e.code(), e.getMessage(), promptTokens);
    }
    pending.weight = Window.weight(adapter.heldBytes(row), promptTokens, maxTokens);
    heldBytes += pending.weight;
    inFlight.add(pending);
    return pending;
  }

  private void submit(List<Pending<I>> batch) {
    for (Pending<I> pending : batch) {
      if (pending.result == null) {
        try {
          var ids = prompts.row(pending.promptRow);
          pending.result = lease.engine().submit(pending.template.request(ids));
        } catch (InterruptedException e) {
          throw scope.interrupted();
        }
      }
    }
  }

  private static CompletableFuture<GenerationResult> failed(
      String code, String message, int input) {
    return CompletableFuture.completedFuture(GenerationResult.failed(code, message, input));
  }

  /** Waits for the first row in flight and takes all that are finished behind it. */
  private void drain() {
    completed.clear();
    completions.clear();
    nextCompleted = 0;
    do {
      Pending<I> head = inFlight.element();
      GenerationResult result = scope.await(head.result);
      observer.completed(result, CompletionOrigin.GENERATED);
      if (failOnError && result.error() != null) {
        throw ExecutorErrors.rowFailed(
            result.error().code(), rowsDrained, TaskContext.getPartitionId());
      }
      rowsDrained++;
      completions.append(result, head.prompt);
      completed.add(head.row);
      inFlight.remove();
      heldBytes -= head.weight;
    } while (completed.size() < COMPLETION_BATCH_ROWS
        && !inFlight.isEmpty()
        && inFlight.element().result.isDone());
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
    for (Pending<I> pending : inFlight) {
      if (pending.result != null) {
        pending.result.cancel(true);
      }
    }
    inFlight.clear();
    completed.clear();
    nextCompleted = 0;
    lease.close();
    prompts.close();
    completions.close();
    allocator.close();
  }
}

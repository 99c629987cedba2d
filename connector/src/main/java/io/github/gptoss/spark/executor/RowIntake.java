package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.arrow.TokenVector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads rows, renders them and has them in flight, as many as the window admits. What is held, the
 * allocator's memory included, never exceeds the window's bytes by more than one row, which has
 * been read and waits to be let in; a row that is larger than the window is let in alone.
 */
final class RowIntake<I> implements AutoCloseable {
  /** Rows that are rendered, put in order and submitted together. */
  private static final int GROUP_ROWS = 256;

  private final Iterator<I> rows;
  private final RowAdapter<I, ?> adapter;
  private final CompletionCall call;
  private final CompletionSource source;
  private final TaskScope scope;
  private final BufferAllocator allocator;
  private final TokenVector prompts;

  private final ArrayDeque<Pending<I>> inFlight = new ArrayDeque<>();
  private Pending<I> waiting;
  private long heldBytes;

  RowIntake(
      Iterator<I> rows,
      RowAdapter<I, ?> adapter,
      CompletionCall call,
      CompletionSource source,
      TaskScope scope,
      BufferAllocator allocator) {
    this.rows = rows;
    this.adapter = adapter;
    this.call = call;
    this.source = source;
    this.scope = scope;
    this.allocator = allocator;
    prompts = new TokenVector("prompts", allocator);
  }

  /** Whether a row is in flight, or is left to be. */
  boolean hasRows() {
    return !inFlight.isEmpty() || waiting != null || rows.hasNext();
  }

  /** The rows in flight, in the order in which they were read. */
  ArrayDeque<Pending<I>> inFlight() {
    return inFlight;
  }

  /** Rows of this weight are held no longer. */
  void release(long bytes) {
    heldBytes -= bytes;
  }

  /** Has as many rows in flight as the window admits, a group at a time; at least one. */
  void fill() {
    List<Pending<I>> group = new ArrayList<>();
    do {
      group.clear();
      while (group.size() < GROUP_ROWS && admitsNext()) {
        group.add(waiting);
        inFlight.add(waiting);
        heldBytes += waiting.weight;
        waiting = null;
      }
      submit(group);
    } while (group.size() == GROUP_ROWS);
  }

  private boolean admitsNext() {
    if (!call.window().hasPlace(inFlight.size())) {
      return false;
    }
    if (waiting == null) {
      if (!rows.hasNext()) {
        return false;
      }
      scope.checkNotKilled();
      waiting = read(rows.next());
    }
    long held = heldBytes + allocator.getAllocatedMemory();
    return call.window().admits(inFlight.size(), held, waiting.weight);
  }

  private Pending<I> read(I row) {
    Pending<I> pending = new Pending<>(row);
    int maxTokens = 0;
    try {
      PromptRow asked = adapter.input(row);
      if (asked == null) {
        pending.ticket = Ticket.of(Pending.NOTHING, CompletionOrigin.GENERATED);
        pending.weight = adapter.heldBytes(row);
        return pending;
      }
      RowParameters parameters = call.parameters();
      pending.template = parameters.template(asked.orRefusal());
      pending.prompt = parameters.renderer(asked).render(asked.input(), asked.isMessages());
      maxTokens = pending.template.maxTokens();
    } catch (InvalidRequestException e) {
      GenerationResult failed = GenerationResult.failed(e.code(), e.getMessage(), 0);
      pending.ticket = Ticket.of(failed, CompletionOrigin.GENERATED);
    }
    pending.weight = Window.weight(adapter.heldBytes(row), pending.prompt.length, maxTokens);
    return pending;
  }

  /**
   * Submits a group, longest prompts first. The engine takes requests in this order and decodes the
   * earlier ones while it prefills the later: what takes longest then begins soonest, and at the
   * end of a partition there is no long prompt left to run alone. Within a group only, so that the
   * row that has to leave next never waits for much more than a batch.
   */
  private void submit(List<Pending<I>> group) {
    List<Pending<I>> asking = new ArrayList<>(group.size());
    for (Pending<I> pending : group) {
      if (pending.ticket == null) {
        pending.promptRow = prompts.rows();
        prompts.append(pending.prompt);
        asking.add(pending);
      }
    }
    asking.sort(Comparator.comparingInt(pending -> -pending.prompt.length));
    try {
      for (Pending<I> pending : asking) {
        pending.ticket = source.ask(pending.template.request(prompts.row(pending.promptRow)));
        pending.template = null;
        if (!call.includeTokens()) {
          pending.forgetPrompt();
        }
      }
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
    prompts.clear();
  }

  /** Cancels what is pending and frees the Arrow memory. */
  @Override
  public void close() {
    for (Pending<I> pending : inFlight) {
      if (pending.ticket != null) {
        pending.ticket.cancel();
      }
    }
    inFlight.clear();
    waiting = null;
    prompts.close();
  }
}

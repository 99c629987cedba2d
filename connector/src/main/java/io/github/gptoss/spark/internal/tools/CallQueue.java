package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Calls that wait for one executor: batched by what waits when a place is free, and ended when
 * their time is up. Thread-safe.
 */
final class CallQueue {
  private final ToolExecutor executor;
  private final Duration limit;
  private final ExecutorService threads;
  private final ScheduledExecutorService clock;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private final int batchCalls;
  private int freePlaces;

  private record Waiting(ToolRequest call, Consumer<ToolResult> answer) {}

  /**
   * @param concurrency batches under way at a time
   * @param limit time of a batch
   */
  CallQueue(
      ToolExecutor executor,
      int concurrency,
      Duration limit,
      ExecutorService threads,
      ScheduledExecutorService clock) {
    this.executor = executor;
    batchCalls = Math.max(1, executor.batchCalls());
    freePlaces = concurrency;
    this.limit = limit;
    this.threads = threads;
    this.clock = clock;
  }

  /**
   * Queues a call.
   *
   * @param answer is told once, on another thread; at once where the tools are closed
   */
  void add(ToolRequest call, Consumer<ToolResult> answer) {
    if (threads.isShutdown()) {
      answer.accept(ToolResult.failed("the tools are closed"));
      return;
    }
    synchronized (waiting) {
      waiting.add(new Waiting(call, answer));
    }
    begin();
  }

  /** Begins as many batches as there are calls and places for. */
  private void begin() {
    for (List<Waiting> batch = next(); !batch.isEmpty(); batch = next()) {
      new Batch(batch).begin();
    }
  }

  private List<Waiting> next() {
    synchronized (waiting) {
      List<Waiting> batch = new ArrayList<>();
      if (freePlaces > 0 && !threads.isShutdown()) {
        while (batch.size() < batchCalls && !waiting.isEmpty()) {
          batch.add(waiting.remove());
        }
        freePlaces -= batch.isEmpty() ? 0 : 1;
      }
      return batch;
    }
  }

  /** Calls that are run together. */
  private final class Batch {
    private final List<Waiting> calls;
    private Future<?> alarm;
    private boolean isOver;

    Batch(List<Waiting> calls) {
      this.calls = calls;
    }

    /** Answers the calls itself where no thread can be had for them. */
    void begin() {
      Future<?> running = null;
      try {
        running = threads.submit(this::run);
        setAlarm(running);
      } catch (Throwable e) { // Without threads or memory, too, a row waits for an answer.
        ToolLog.LOG.warn("calls of {} could not begin", executor.getClass().getName(), e);
        if (running != null) {
          running.cancel(true);
        }
        var unused = answer(all(ToolResult.failed("the tool could not be started")));
      }
    }

    private void setAlarm(Future<?> running) {
      Future<?> alarm =
          clock.schedule(
              () -> {
                if (end(
                    all(
                        ToolResult.failed(
                            "the tool gave no answer within "
                                + limit.toMillis() / 1000.0
                                + " seconds")))) {
                  running.cancel(true);
                }
              },
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
      synchronized (this) {
        if (isOver) {
          alarm.cancel(false);
        }
        this.alarm = alarm;
      }
    }

    private void run() {
      List<ToolResult> results;
      try {
        List<ToolResult> given = executor.execute(calls.stream().map(Waiting::call).toList());
        // The list may be one that is worked out as it is read, which is done once, and here.
        results = given == null ? null : new ArrayList<>(given);
        if (results == null
            || results.size() != calls.size()
            || results.stream().anyMatch(Objects::isNull)) {
          ToolLog.LOG.warn(
              "tool executor {} gave {} results for {} calls",
              executor.getClass().getName(),
              results == null ? "no" : results.size(),
              calls.size());
          results = all(ToolResult.failed("the tool gave no answer to this call"));
        }
      } catch (Throwable e) { // A row waits for an answer, whatever a tool's code does.
        if (!(e instanceof InterruptedException)) {
          ToolLog.LOG.warn("tool executor {} failed", executor.getClass().getName(), e);
        }
        String message = e.getMessage();
        results =
            all(
                ToolResult.failed(
                    message == null || message.isBlank()
                        ? "the tool failed: " + e.getClass().getSimpleName()
                        : message));
      }
      end(results);
    }

    private List<ToolResult> all(ToolResult result) {
      return Collections.nCopies(calls.size(), result);
    }

    /** Answers the calls and lets others begin; returns whether they had no answer yet. */
    private boolean end(List<ToolResult> results) {
      boolean isFirst = answer(results);
      if (isFirst) {
        CallQueue.this.begin();
      }
      return isFirst;
    }

    /** Answers the calls and gives the place back; returns whether they had no answer yet. */
    private boolean answer(List<ToolResult> results) {
      synchronized (this) {
        if (isOver) {
          return false;
        }
        isOver = true;
        if (alarm != null) {
          alarm.cancel(false);
        }
      }
      synchronized (waiting) {
        freePlaces++;
      }
      for (int i = 0; i < results.size(); i++) {
        try {
          calls.get(i).answer().accept(results.get(i));
        } catch (RuntimeException | Error e) { // The others have their answers all the same.
          ToolLog.LOG.error("the answer to a call was not taken", e);
        }
      }
      return true;
    }
  }
}

package io.github.gptoss.engine.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share out the items of one loop at a time. The caller's thread takes part, so {@code
 * threads} of them compute. One thread at a time may call {@link #run}.
 */
final class Workers implements AutoCloseable {
  /** One iteration of a parallel loop. */
  @FunctionalInterface
  interface Task {
    /** Runs an item of [0, items). No two items run at once with one worker of [0, threads). */
    void run(int item, int worker);
  }

  /** Multiply-adds below which a loop is not shared out: waking a thread takes longer. */
  private static final long SERIAL_OPERATIONS = 200_000;

  /** Looks for the next loop before a thread goes to sleep: loops follow each other closely. */
  private static final int SPINS = 2_000;

  private final Thread[] helpers;
  private volatile Loop current;
  private volatile boolean closed;

  Workers(int threads) {
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int worker = i + 1;
      helpers[i] = new Thread(() -> serve(worker), "gptoss-cpu-" + worker);
      helpers[i].setDaemon(true);
      helpers[i].start();
    }
  }

  int threads() {
    return helpers.length + 1;
  }

  /**
   * Runs every item and waits for the last. What an item throws is thrown here, as it is: a model
   * may turn out to be invalid while it is packed. {@code operations} is an estimate of the
   * multiply-adds of all items together.
   */
  void run(int items, long operations, Task task) {
    if (helpers.length == 0 || items <= 1 || operations < SERIAL_OPERATIONS) {
      for (int i = 0; i < items; i++) {
        task.run(i, 0);
      }
      return;
    }
    Loop loop = new Loop(items, task, Thread.currentThread());
    current = loop;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
    loop.work(0);
    loop.await();
    current = null;
    if (loop.failure instanceof Error error) {
      throw error;
    }
    if (loop.failure != null) {
      throw (RuntimeException) loop.failure;
    }
  }

  private void serve(int worker) {
    Loop done = null;
    int idle = 0;
    while (!closed) {
      Loop loop = current;
      if (loop != null && loop != done) {
        loop.work(worker);
        done = loop;
        idle = 0;
      } else if (idle++ < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }

  private static final class Loop {
    private final int items;
    private final Task task;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private volatile Throwable failure;

    Loop(int items, Task task, Thread caller) {
      this.items = items;
      this.task = task;
      this.caller = caller;
    }

    void work(int worker) {
      int item = next.getAndIncrement();
      while (item < items) {
        try {
          task.run(item, worker);
        } catch (Throwable t) {
          // Rethrown on the caller's thread: a helper that died would leave the loop unfinished.
          failure = t;
        }
        if (finished.incrementAndGet() == items) {
          LockSupport.unpark(caller);
        }
        item = next.getAndIncrement();
      }
    }

    void await() {
      int spins = 0;
      while (finished.get() < items) {
        if (spins++ < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
    }
  }
}

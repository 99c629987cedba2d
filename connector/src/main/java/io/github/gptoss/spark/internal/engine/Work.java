package io.github.gptoss.spark.internal.engine;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** Whose work is being done, and whether it is still wanted. */
@FunctionalInterface
public interface Work {
  /** How often a waiting task looks whether it was killed. */
  long POLL_MILLIS = 100;

  /** Throws Spark's {@link TaskKilledException} if the task was killed, else returns at once. */
  void checkNotKilled();

  /**
   * The calling thread's task; on the driver, where there is none, the query that Spark evaluates
   * itself, or a scope without an end.
   */
  static Work current() {
    TaskContext context = TaskContext.get();
    return context == null ? QueryWork.current() : new TaskWork(context);
  }

  /** What equals another scope's of the same work; null where nothing says when it ends. */
  default Object work() {
    return null;
  }

  /** Runs an action when the work ends, where somebody tells; {@link #hasEnded} says it always. */
  default void onEnd(Runnable action) {}

  default boolean hasEnded() {
    return false;
  }

  /**
   * Waits for a value and meanwhile obeys a kill. Spark interrupts a thread only if the job asks
   * for it, so waiting has to be in small pieces.
   *
   * @throws RuntimeException what the future failed with
   */
  default <T> T await(CompletableFuture<T> future) {
    while (true) {
      try {
        return future.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        checkNotKilled();
      } catch (InterruptedException e) {
        throw interrupted();
      } catch (ExecutionException e) {
        throw ExecutorErrors.rethrown(e.getCause());
      }
    }
  }

  /** Waits for an element and meanwhile obeys a kill. */
  default <T> T next(BlockingQueue<T> queue) {
    try {
      T element;
      while ((element = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS)) == null) {
        checkNotKilled();
      }
      return element;
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** What to throw when the task's thread was interrupted. */
  default RuntimeException interrupted() {
    checkNotKilled();
    Thread.currentThread().interrupt();
    return new TaskKilledException("interrupted");
  }
}

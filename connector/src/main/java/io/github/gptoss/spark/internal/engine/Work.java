package io.github.gptoss.spark.internal.engine;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SQLExecution;

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
    return context == null ? Query.current() : new Task(context);
  }

  /** What equals another scope's of the same work; null where nothing says when it ends. */
  default Object work() {
    return null;
  }

  /** Runs an action when the work ends, where Spark reports it; {@link #hasEnded} always knows. */
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

  /** A task of an executor. */
  record Task(TaskContext context) implements Work {
    @Override
    public void checkNotKilled() {
      context.killTaskIfInterrupted();
    }

    @Override
    public Object work() {
      return context.taskAttemptId();
    }

    @Override
    public void onEnd(Runnable action) {
      context.<Void>addTaskCompletionListener(
          ended -> {
            action.run();
            return null;
          });
    }
  }

  /**
   * A query whose rows the driver computes itself, outside any task, as the optimizer does with
   * tables of literals.
   *
   * @param executionId unique in a driver
   */
  record Query(String executionId) implements Work {
    private static final Work ENDLESS = () -> {};

    /** The calling thread's query; without one, a scope without an end. */
    private static Work current() {
      if (SparkSession.getActiveSession().isEmpty()) {
        return ENDLESS;
      }
      String id =
          SparkSession.active().sparkContext().getLocalProperty(SQLExecution.EXECUTION_ID_KEY());
      return id == null ? ENDLESS : new Query(id);
    }

    /** Queries on the driver are not killed but end with their rows. */
    @Override
    public void checkNotKilled() {}

    @Override
    public Object work() {
      return this;
    }

    @Override
    public boolean hasEnded() {
      return SQLExecution.getQueryExecution(Long.parseLong(executionId)) == null;
    }
  }
}

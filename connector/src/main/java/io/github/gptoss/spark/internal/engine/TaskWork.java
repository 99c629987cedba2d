package io.github.gptoss.spark.internal.engine;

import org.apache.spark.TaskContext;

/** A task of an executor. */
record TaskWork(TaskContext context) implements Work {
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

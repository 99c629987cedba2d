package io.github.gptoss.spark.internal.engine;

import java.util.concurrent.CountDownLatch;

/** Processes of tests, which none of them ends. */
public final class TestProcess {
  /** One in which the driver runs the tasks. */
  public static final ExecutorProcess LOCAL =
      new ExecutorProcess() {
        @Override
        public boolean isReplaceable() {
          return false;
        }

        @Override
        public void exit() {
          throw new AssertionError("the driver must not be ended");
        }
      };

  private TestProcess() {}

  /** An executor, which counts its end down. */
  static ExecutorProcess executor(CountDownLatch ended) {
    return new ExecutorProcess() {
      @Override
      public boolean isReplaceable() {
        return true;
      }

      @Override
      public void exit() {
        ended.countDown();
      }
    };
  }
}

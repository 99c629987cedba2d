package io.github.gptoss.spark.internal.engine;

import org.apache.spark.SparkEnv;

/** The JVM around an engine, as far as it matters when the engine dies. */
interface ExecutorProcess {
  /** What the JVM exits with because its engine died; none of Spark's own codes. */
  int ENGINE_DIED = 86;

  /** Whether Spark replaces this JVM when it ends; not so where the driver runs the tasks. */
  boolean isReplaceable();

  /** Ends the JVM once the failures of its tasks had time to reach the driver. */
  void exit() throws InterruptedException;

  /** This one. */
  ExecutorProcess CURRENT =
      new ExecutorProcess() {
        /** What Spark calls the executor that is the driver's own. */
        private static final String DRIVER = "driver";

        /** Failed tasks report by a message that is sent when their thread is done with them. */
        private static final long REPORT_MILLIS = 3_000;

        @Override
        public boolean isReplaceable() {
          SparkEnv env = SparkEnv.get();
          return env != null && !env.executorId().equals(DRIVER);
        }

        @Override
        public void exit() throws InterruptedException {
          Thread.sleep(REPORT_MILLIS);
          System.exit(ENGINE_DIED);
        }
      };
}

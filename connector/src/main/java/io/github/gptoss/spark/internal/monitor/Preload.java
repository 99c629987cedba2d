package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.engine.CompletionEngine;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens this executor's engine before its first task, on a thread of its own. */
final class Preload {
  private static final Logger LOG = LoggerFactory.getLogger(Preload.class);
  private static final long ASK_AGAIN_MILLIS = 300;

  private final Callable<Pinning.Answer> driver;
  private final Thread thread = new DaemonThreads("gptoss-preload").newThread(this::run);
  private volatile String problem;

  private Preload(Callable<Pinning.Answer> driver) {
    this.driver = driver;
  }

  /**
   * @param driver asks it what to preload
   */
  static Preload start(Callable<Pinning.Answer> driver) {
    Preload preload = new Preload(driver);
    preload.thread.start();
    return preload;
  }

  private void run() {
    try {
      Pinning.Answer answer = driver.call();
      while (answer.isPending()) {
        Thread.sleep(ASK_AGAIN_MILLIS);
        answer = driver.call();
      }
      problem = answer.problem();
      if (answer.options() != null) {
        open(answer);
      }
    } catch (InterruptedException e) {
      // The executor ends.
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      failed("the driver does not say which: " + e);
    }
  }

  private void open(Pinning.Answer answer) throws InterruptedException {
    try {
      CompletionEngine engine = EngineRegistry.shared().preload(answer.options()).get();
      LOG.info(
          "preloaded {} in {} s, {}",
          engine.info().model(),
          Math.round(engine.info().loadNanos() / 1e8) / 10.0,
          engine.info().backend());
    } catch (GptOssException e) {
      failed(e.getMessage());
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      failed(cause instanceof GptOssException ? cause.getMessage() : cause.toString());
    }
  }

  private void failed(String why) {
    problem = why;
    LOG.error("the model is not preloaded: {}", why);
  }

  /** One line, or null if nothing went wrong up to now. */
  String problem() {
    return problem;
  }

  void stop() {
    thread.interrupt();
  }
}

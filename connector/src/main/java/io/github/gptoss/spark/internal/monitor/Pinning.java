package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.error.GptOssException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out the model's version aside, since its source may be slow; executors ask meanwhile. */
final class Pinning {
  private static final Logger LOG = LoggerFactory.getLogger(Pinning.class);

  private volatile ModelAnswer answer;

  private Pinning(ModelAnswer answer) {
    this.answer = answer;
  }

  static Pinning start(Optional<ModelToPreload> model) {
    if (model.isEmpty()) {
      return new Pinning(ModelAnswer.NOTHING);
    }
    Pinning pinning = new Pinning(ModelAnswer.PENDING);
    Thread thread = new Thread(() -> pinning.run(model.get()), "gptoss-model-pinning");
    thread.setDaemon(true);
    thread.start();
    return pinning;
  }

  private void run(ModelToPreload model) {
    try {
      answer = new ModelAnswer(false, model.pinned().get(), null);
    } catch (GptOssException e) {
      LOG.error("the model is not preloaded: {}", e.getMessage());
      answer = new ModelAnswer(false, null, e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.error("the model is not preloaded", e);
      answer = new ModelAnswer(false, null, "the driver could not look at the model: " + e);
    }
  }

  ModelAnswer answer() {
    return answer;
  }
}

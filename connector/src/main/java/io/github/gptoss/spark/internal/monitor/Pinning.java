package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out the model's version aside, since its source may be slow; executors ask meanwhile. */
final class Pinning {
  private static final Logger LOG = LoggerFactory.getLogger(Pinning.class);

  /** An executor asks the driver what to preload. */
  record Question() implements Serializable {}

  /**
   * What the driver says about the model to preload. It goes from process to process as tasks do,
   * and not through the configuration, which Spark shows: the options may hold secrets.
   *
   * @param isPending whether the driver does not know yet
   * @param options null where there is nothing to preload
   * @param problem one line; null unless the model's version could not be found out
   */
  record Answer(boolean isPending, OptionValues options, String problem) implements Serializable {
    private static final Answer PENDING = new Answer(true, null, null);
    private static final Answer NOTHING = new Answer(false, null, null);

    /**
     * @param message what {@link Pinning#message()} gave on the driver
     */
    static Answer of(byte[] message) throws IOException, ClassNotFoundException {
      try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(message))) {
        return (Answer) in.readObject();
      }
    }
  }

  private volatile Answer answer;

  private Pinning(Answer answer) {
    this.answer = answer;
  }

  static Pinning start(Optional<DriverSide.ModelToPreload> model) {
    if (model.isEmpty()) {
      return new Pinning(Answer.NOTHING);
    }
    Pinning pinning = new Pinning(Answer.PENDING);
    DaemonThreads.start("gptoss-model-pinning", () -> pinning.run(model.get()));
    return pinning;
  }

  private void run(DriverSide.ModelToPreload model) {
    try {
      answer = new Answer(false, model.pinned().get(), null);
    } catch (GptOssException e) {
      LOG.error("the model is not preloaded: {}", e.getMessage());
      answer = new Answer(false, null, e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.error("the model is not preloaded", e);
      answer = new Answer(false, null, "the driver could not look at the model: " + e);
    }
  }

  /**
   * The answer as bytes. Spark reads a driver's messages with the class path that an executor's JVM
   * starts with, on which the connector is not where it came by {@code --packages} or {@code
   * --jars}; an object of ours would end the executor.
   */
  byte[] message() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}

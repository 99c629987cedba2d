package io.github.gptoss.spark.call;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Looks whether a model can be there, before a job is started for it. */
final class ModelPaths {
  private static final String DEMO = "demo";

  private ModelPaths() {}

  /**
   * @param local whether the driver sees the files that executors see; where not, only they can
   *     tell
   */
  static void check(String model, boolean local) {
    if (model.equals(DEMO)) {
      return;
    }
    if (model.contains("://")) {
      throw new InvalidConfigException(
          "model '"
              + model
              + "' is a URI: give a folder that every executor sees at the same path");
    }
    if (!local) {
      return;
    }
    Path path;
    try {
      path = Path.of(model);
    } catch (InvalidPathException e) {
      throw new InvalidConfigException("model '" + model + "' is not a path: " + e.getReason(), e);
    }
    if (!Files.exists(path)) {
      throw new InvalidConfigException(
          "model folder '"
              + model
              + "' does not exist: give the folder of a gpt-oss checkpoint, or 'demo'");
    }
    if (!Files.isDirectory(path)) {
      throw new InvalidConfigException(
          "model '"
              + model
              + "' is a file: give the folder that holds config.json and the weights");
    }
    if (!Files.isReadable(path)) {
      throw new InvalidConfigException(
          "model folder '" + model + "' cannot be read: check its permissions");
    }
  }
}

package io.github.gptoss.spark.call;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.ModelProbe;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at a model before a job is started for it, as far as the driver sees it. */
final class ModelPaths {
  private static final String DEMO = "demo";
  private static final String FILE_SCHEME = "file:";

  private ModelPaths() {}

  /**
   * Checks folder, configuration and headers, without loading anything.
   *
   * @param oneMachine whether the driver sees the files that executors see; where not, a folder
   *     that is not here may still be there
   * @throws io.github.gptoss.engine.error.GptOssException if the model cannot be used
   */
  static void check(EngineConfig config, boolean oneMachine) {
    // The demo model is part of the jar, and unpacked where it is used.
    if (!config.model().equals(DEMO) && (oneMachine || !isElsewhere(config.model()))) {
      ModelProbe.verify(config);
    }
  }

  private static boolean isElsewhere(String model) {
    try {
      return !Files.exists(
          model.startsWith(FILE_SCHEME) ? Path.of(URI.create(model)) : Path.of(model));
    } catch (IllegalArgumentException e) {
      // No path anywhere.
      return false;
    }
  }

  private static boolean isAddress(String model) {
    return model.contains("://") && !model.startsWith(FILE_SCHEME);
  }

  /** A path that the driver sees as executors see it, whose working folders are others. */
  static OptionValues absolute(OptionValues values) {
    String model = values.text(OptionKey.MODEL);
    if (model.equals(DEMO) || isAddress(model) || model.startsWith(FILE_SCHEME)) {
      return values;
    }
    try {
      Path path = Path.of(model);
      return path.isAbsolute() || !Files.exists(path)
          ? values
          : values.with(OptionKey.MODEL, path.toAbsolutePath().normalize().toString());
    } catch (IllegalArgumentException e) {
      // The check says what is wrong with it.
      return values;
    }
  }
}

package io.github.gptoss.engine.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The reference checkpoints, and copies of them to damage. */
final class GoldenModels {
  static final String SINGLE = "tiny-mxfp4";
  static final String ORIGINAL = "tiny-mxfp4/original";
  static final String SHARDED = "odd-mxfp4-sharded";
  static final String DENSE = "tiny-bf16-experts";
  static final List<String> ALL = List.of(SINGLE, ORIGINAL, SHARDED, DENSE);

  private GoldenModels() {}

  static Path path(String name) {
    try {
      return Path.of(GoldenModels.class.getResource("/goldens/model/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Copies what belongs to the checkpoint, not the expected results. */
  static Path copy(String name, Path target) {
    try (Stream<Path> files = Files.list(path(name))) {
      Files.createDirectories(target);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String fileName = file.getFileName().toString();
        if (!fileName.startsWith("expected")) {
          Files.copy(file, target.resolve(fileName));
        }
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

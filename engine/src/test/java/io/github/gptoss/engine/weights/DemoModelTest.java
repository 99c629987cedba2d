package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoModelTest {
  @TempDir Path cache;

  @Test
  void unpacksAModelThatOpens() {
    Path folder = DemoModel.unpacked(cache.resolve("not/yet/there"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      checkpoint.verifyScales();
      assertThat(checkpoint.warnings()).isEmpty();
      assertThat(checkpoint.config().vocabSize()).isEqualTo(201_088);
      assertThat(checkpoint.config().eosTokenIds()).containsExactly(199_999, 200_002, 200_012);
    }
  }

  @Test
  void repairsWhatIsDamagedAndLeavesTheRest() throws IOException {
    Path folder = DemoModel.unpacked(cache);
    Path weights = folder.resolve("model.safetensors");
    Object weightsBefore = Files.readAttributes(weights, "unix:ino").get("ino");
    String config = Files.readString(folder.resolve("config.json"));
    Files.writeString(folder.resolve("config.json"), config.replace("128", "129"));
    Files.delete(folder.resolve("generation_config.json"));
    Files.writeString(folder.resolve("model.safetensors.partial"), "left by a process that died");

    assertThat(DemoModel.unpacked(cache)).isEqualTo(folder);

    assertThat(folder.resolve("config.json")).hasContent(config);
    assertThat(folder.resolve("generation_config.json")).exists();
    assertThat(folder.resolve("model.safetensors.partial")).doesNotExist();
    assertThat(Files.readAttributes(weights, "unix:ino").get("ino")).isEqualTo(weightsBefore);
  }

  @Test
  void threadsThatUnpackAtTheSameTimeAllGetAWholeModel() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> folders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        folders.add(threads.submit(() -> DemoModel.unpacked(cache)));
      }
      for (Future<Path> folder : folders) {
        Checkpoint.open(folder.get()).close();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void saysWhichFolderCannotBeWrittenAndHowToNameAnother() throws IOException {
    Path file = Files.writeString(cache.resolve("file"), "x");
    assertThatThrownBy(() -> DemoModel.unpacked(file))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll(file.toString(), "-Dgptoss.cache.dir=DIR");
  }
}

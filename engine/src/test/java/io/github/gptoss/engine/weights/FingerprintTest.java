package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
  private static final Path WEIGHTS = Path.of("model.safetensors");

  @TempDir Path temp;
  private Path copy;
  private String original;

  @BeforeEach
  void copy() {
    copy = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("elsewhere"));
    original = fingerprint(GoldenModels.path(GoldenModels.SINGLE));
  }

  private static String fingerprint(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return checkpoint.fingerprint();
    }
  }

  @Test
  void isTheSameForACopyWithOtherTimes() throws IOException {
    Files.setLastModifiedTime(copy.resolve(WEIGHTS), FileTime.fromMillis(1_000));

    assertThat(fingerprint(copy)).matches("[0-9a-f]{64}").isEqualTo(original);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json"
      })
  void differsWithEverySetting(String name) throws IOException {
    Files.writeString(
        copy.resolve(name),
        Files.exists(copy.resolve(name)) ? " " : "{}",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);

    assertThat(fingerprint(copy)).isNotEqualTo(original);
  }

  @Test
  void differsWithTheSetOfTensors() throws IOException {
    DamageCases.change(copy.resolve(WEIGHTS), raw -> raw.append("extra", "U8", 1, 1));

    assertThat(fingerprint(copy)).isNotEqualTo(original);
  }

  @Test
  void differsWithTheMiddleOfAnyOneTensor() throws IOException {
    RawSafetensors sound = RawSafetensors.read(copy.resolve(WEIGHTS));
    // Writes the header in this test's own spelling, which the damaged files have too.
    sound.write(copy.resolve(WEIGHTS));
    String before = fingerprint(copy);
    for (String tensor :
        List.of("lm_head.weight", "model.norm.weight", DamageCases.Q, DamageCases.BLOCKS)) {
      int middle = (sound.begin(tensor) + sound.end(tensor)) / 2;
      DamageCases.change(copy.resolve(WEIGHTS), raw -> raw.data[middle] ^= 1);

      assertThat(fingerprint(copy)).as(tensor).isNotEqualTo(before);

      DamageCases.change(copy.resolve(WEIGHTS), raw -> raw.data[middle] ^= 1);
      assertThat(fingerprint(copy)).as(tensor).isEqualTo(before);
    }
  }

  @Test
  void differsBetweenTheLayoutsOfOneModel() {
    assertThat(fingerprint(GoldenModels.path(GoldenModels.ORIGINAL))).isNotEqualTo(original);
  }
}

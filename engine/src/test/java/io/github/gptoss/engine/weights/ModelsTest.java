package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidModelException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsTest {
  @ParameterizedTest
  @CsvSource({
    "/models/m, /models/m",
    "models/m, models/m",
    "./demo, ./demo",
    "file:/models/m, /models/m",
    "file:///models/a%20b, /models/a b",
    "c:/m, c:/m"
  })
  void takesPathsAndFileUris(String model, String path) {
    assertThat(Models.resolve(model)).isEqualTo(Path.of(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs://host/m", "s3a://bucket/m", "https://host/m", "file:m", "hf:%%"})
  void refusesOtherAddresses(String model) {
    assertThatThrownBy(() -> Models.resolve(model))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(model);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void refusesNoModel(String model) {
    assertThatThrownBy(() -> Models.resolve(model))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("no model given");
  }

  @Test
  void refusesWhatIsNoPath() {
    assertThatThrownBy(() -> Models.resolve("a\0b"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("a?b: is no path");
  }
}

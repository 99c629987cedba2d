package io.github.gptoss.spark.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPathsTest {
  @TempDir Path folder;

  private static void assertRefused(String model, boolean oneMachine, String... message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> ModelPaths.check(EngineConfig.builder(model).build(), oneMachine))
        .satisfies(e -> assertThat(e.getMessage()).contains(message).doesNotContain("\n"));
  }

  private static void check(String model, boolean oneMachine) {
    ModelPaths.check(EngineConfig.builder(model).build(), oneMachine);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesWhatTheDriverSeesOnAnyMaster(boolean oneMachine) throws Exception {
    assertRefused(folder.toString(), oneMachine, "empty");
    assertRefused(folder.toUri().toString(), oneMachine, "empty");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
    Files.writeString(folder.resolve("model.safetensors"), "");
    assertRefused(folder.toString(), oneMachine, "llama", "gpt_oss");
    assertRefused(folder.resolve("config.json").toString(), oneMachine, "config.json");
  }

  @Test
  void leavesAFolderThatIsNotHereToExecutorsUnlessTheyAreHere() {
    String elsewhere = folder.resolve("elsewhere").toString();
    assertThatCode(() -> check(elsewhere, false)).doesNotThrowAnyException();
    assertRefused(elsewhere, true, elsewhere);
    assertThatCode(() -> check("demo", false)).doesNotThrowAnyException();
  }

  @Test
  void makesAPathThatIsHereAbsolute() {
    assertThat(model(ModelPaths.absolute(options("src/test"))))
        .isEqualTo(Path.of("src/test").toAbsolutePath().toString());
    for (String other : new String[] {"demo", "no/such/folder", "/tmp", "s3://a/b"}) {
      assertThat(model(ModelPaths.absolute(options(other)))).isEqualTo(other);
    }
  }

  private static OptionValues options(String model) {
    return OptionValues.resolve(Map.of("model", model), Map.of());
  }

  private static String model(OptionValues values) {
    return values.text(OptionKey.MODEL);
  }
}

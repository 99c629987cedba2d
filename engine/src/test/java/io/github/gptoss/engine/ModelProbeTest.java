package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModelProbeTest {
  @Test
  void verifiesAModelForTextWithoutLoadingIt() {
    assertThatCode(() -> ModelProbe.verify(EngineConfig.builder("demo").build()))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesAVocabularyThatIsNotThatOfTheTokenizer() throws Exception {
    Path folder = Path.of(ModelProbeTest.class.getResource("/goldens/model/tiny-mxfp4").toURI());
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> ModelProbe.verify(EngineConfig.builder(folder.toString()).build()))
        .withMessageContaining("config.json")
        .withMessageContaining("vocab_size")
        .withMessageContaining("201088");
  }

  @Test
  void refusesAContextThatTheModelDoesNotHave() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () -> ModelProbe.verify(EngineConfig.builder("demo").maxModelLen(1 << 20).build()))
        .withMessageContaining("max_model_len");
  }
}

package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ModelFingerprintTest {
  private static final String MODEL = "src/test/resources/goldens/model/tiny-bf16-experts";

  @Test
  void isWhatAnOpenEngineShows() {
    try (GptOssEngine engine = GptOssEngine.open(EngineConfig.builder(MODEL).build())) {
      assertThat(ModelFingerprint.of(MODEL))
          .matches("[0-9a-f]{64}")
          .isEqualTo(engine.info().fingerprint());
    }
  }

  @Test
  void takesTheShippedModelByItsName() {
    assertThat(ModelFingerprint.of("demo"))
        .isEqualTo(ModelFingerprint.of("demo"))
        .isNotEqualTo(ModelFingerprint.of(MODEL));
  }
}

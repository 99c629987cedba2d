package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GptOssOptionsTest {
  @Test
  void refusesOneOptionInTwoSpellings() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> GptOssOptions.of(Map.of("max_tokens", "3", "maxTokens", "3")))
        .withMessageContaining("max_tokens is given twice");
  }

  @Test
  void setsAnOptionAgainAndTakesItBack() {
    GptOssOptions options = GptOssOptions.of(Map.of("maxTokens", "3")).set("max_tokens", "4");
    assertThat(options.toMap()).containsExactly(Map.entry("max_tokens", "4"));
    assertThat(options.set("maxTokens", null)).isEqualTo(GptOssOptions.create());
  }
}

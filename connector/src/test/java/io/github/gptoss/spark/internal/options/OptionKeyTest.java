package io.github.gptoss.spark.internal.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.sampling.SamplingParameter;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionKeyTest {
  private static OptionValues resolve(String name, String value) {
    return OptionValues.resolve(Map.of("model", "demo", name, value), Map.of());
  }

  static Stream<OptionKey> numbersOfRows() {
    return Arrays.stream(OptionKey.values()).filter(k -> k.isPerRow() && !k.kind().isText());
  }

  /** What the table lets through, the engine has to take. */
  @ParameterizedTest
  @MethodSource("numbersOfRows")
  void theEngineTakesTheSmallestAndTheLargestValueOfARange(OptionKey key) {
    for (double value : new double[] {-2, -1, 0, 1e-3, 0.5, 1, 2, 16, 99, 100, 1 << 20}) {
      boolean isWhole = value == Math.rint(value);
      if (key.allowed().numbers().test(value) && (key.kind() == OptionKey.Kind.DOUBLE || isWhole)) {
        String text = isWhole ? String.valueOf((long) value) : String.valueOf(value);
        OptionValues values = resolve(key.optionName(), text);
        assertThatCode(() -> request(values)).as(key + "=" + text).doesNotThrowAnyException();
      }
    }
  }

  private static GenerationRequest request(OptionValues values) {
    return GenerationRequest.harmony(IntBuffer.wrap(new int[] {1}))
        .maxTokens(values.intValue(OptionKey.MAX_TOKENS))
        .maxReasoningTokens(values.intValue(OptionKey.MAX_REASONING_TOKENS))
        .sampling(sampling(values))
        .loopDetectionTokens(values.intValue(OptionKey.LOOP_DETECTION_TOKENS))
        .build();
  }

  /** Every parameter of the engine has an option of its name. */
  private static SamplingParams sampling(OptionValues values) {
    SamplingParams.Builder params = SamplingParams.builder();
    for (SamplingParameter parameter : SamplingParameter.values()) {
      // The connector's completions carry no log-probabilities.
      if (parameter != SamplingParameter.LOGPROBS) {
        parameter.set(params, number(values, OptionKey.of(parameter.key())));
      }
    }
    return params.build();
  }

  private static Number number(OptionValues values, OptionKey key) {
    return switch (key.kind()) {
      case INT -> values.intValue(key);
      case LONG -> values.longValue(key);
      default -> values.doubleValue(key);
    };
  }

  /** The defaults of two tables that must not drift apart. */
  @Test
  void anOptionThatIsNotSetIsTheEnginesDefault() {
    OptionValues values = OptionValues.resolve(Map.of("model", "demo"), Map.of());
    GenerationRequest unset = GenerationRequest.harmony(IntBuffer.wrap(new int[] {1})).build();
    GenerationRequest set = request(values);
    assertThat(set.maxTokens()).isEqualTo(unset.maxTokens());
    assertThat(set.sampling())
        .usingRecursiveComparison()
        .ignoringFields("topK")
        .isEqualTo(unset.sampling());
    assertThat(Math.max(0, set.sampling().topK())).isEqualTo(Math.max(0, unset.sampling().topK()));
    assertThat(values.engineConfig().maxNumSeqs()).isEqualTo(256);
    assertThat(values.engineConfig().maxNumBatchedTokens()).isEqualTo(512);
    EngineConfig cuda = resolve("backend", "cuda").engineConfig();
    assertThat(cuda.maxNumSeqs()).isEqualTo(512);
    assertThat(cuda.maxNumBatchedTokens()).isEqualTo(2048);
  }

  @ParameterizedTest
  @CsvSource({
    "max_completion_tokens, MAX_TOKENS",
    "maxOutputTokens, MAX_TOKENS",
    "kv-cache-memory-bytes, KV_CACHE_BYTES",
    "download_dir, MODEL_CACHE_DIR"
  })
  void takesTheNamesOfOtherSoftware(String name, OptionKey key) {
    assertThat(OptionKey.of(name)).isEqualTo(key);
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                OptionValues.resolve(
                    Map.of("model", "demo", key.optionName(), "1", name, "1"), Map.of()))
        .withMessageContaining(key.optionName() + " is given twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"temperature_col", "temperatureCol", "TEMPERATURE-COL"})
  void takesAColumnOfEachRowsOwnValues(String name) {
    assertThat(resolve(name, "temp").columns())
        .containsExactly(Map.entry(OptionKey.TEMPERATURE, "temp"));
    OptionValues conf =
        OptionValues.resolve(Map.of("model", "demo"), Map.of("spark.gptoss." + name, "temp"));
    assertThat(conf.columns()).containsExactly(Map.entry(OptionKey.TEMPERATURE, "temp"));
    assertThat(conf.isSet(OptionKey.TEMPERATURE)).isFalse();
    assertThat(conf).isEqualTo(resolve(name, "temp")).isNotEqualTo(resolve(name, "other"));
  }

  @Test
  void aCallsColumnIsStrongerThanTheConfigurations() {
    OptionValues values =
        OptionValues.resolve(
            Map.of("model", "demo", "seed_col", "a"), Map.of("spark.gptoss.seed_col", "b"));
    assertThat(values.columns()).containsExactly(Map.entry(OptionKey.SEED, "a"));
  }

  @Test
  void noOtherOptionHasAColumn() {
    for (OptionKey key : OptionKey.values()) {
      if (key.isPerRow()) {
        assertThat(OptionName.all()).contains(key.optionName() + "_col");
      } else {
        assertThatExceptionOfType(InvalidConfigException.class)
            .isThrownBy(() -> resolve(key.optionName() + "_col", "c"))
            .withMessageContaining("no column can hold " + key.optionName())
            .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
      }
    }
  }

  @Test
  void hasADescriptionAndAValueThatItTakesItself() {
    for (OptionKey key : OptionKey.values()) {
      assertThat(key.description()).as(key.name()).isNotBlank().doesNotEndWith(".");
      if (key.defaultValue() != null) {
        assertThatCode(() -> resolve(key.optionName(), key.defaultValue()))
            .as(key.name())
            .doesNotThrowAnyException();
      }
    }
  }
}

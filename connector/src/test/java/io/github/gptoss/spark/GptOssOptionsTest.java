package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GptOssOptionsTest {
  @Test
  void refusesOneOptionInTwoSpellings() {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOssOptions.of(Map.of("max_tokens", "3", "maxTokens", "3")))
        .withMessageContaining("max_tokens is given twice");
  }

  @Test
  void setsAnOptionAgainAndTakesItBack() {
    GptOssOptions options = GptOssOptions.of(Map.of("maxTokens", "3")).set("max_tokens", "4");
    assertThat(options.toMap()).containsExactly(Map.entry("max_tokens", "4"));
    assertThat(options.set("maxTokens", null)).isEqualTo(GptOssOptions.create());
  }

  /** A value of the setter's type, and the text that the option is to have. */
  private static Map.Entry<Object, String> sample(Class<?> type) {
    Object value =
        switch (type.getSimpleName()) {
          case "int" -> 3;
          case "long" -> 4L;
          case "double" -> 0.5;
          case "boolean" -> true;
          case "String" -> "text";
          case "List" -> List.of("a", "b");
          case "Map" -> Map.of(5, 1.5f);
          default -> throw new IllegalArgumentException("no sample of " + type);
        };
    String text =
        switch (type.getSimpleName()) {
          case "List" -> "[\"a\",\"b\"]";
          case "Map" -> "{\"5\":1.5}";
          default -> value.toString();
        };
    return Map.entry(value, text);
  }

  @ParameterizedTest
  @EnumSource(OptionKey.class)
  void hasASetterForEveryOption(OptionKey key) throws Exception {
    String name = camel(key.optionName());
    List<Method> setters =
        Arrays.stream(GptOssOptions.class.getMethods())
            .filter(m -> m.getName().equals(name) && m.getParameterCount() == 1)
            .toList();
    assertThat(setters).as("GptOssOptions." + name).hasSize(1);
    Map.Entry<Object, String> sample = sample(setters.get(0).getParameterTypes()[0]);
    Object set = setters.get(0).invoke(GptOssOptions.create(), sample.getKey());
    assertThat(((GptOssOptions) set).toMap())
        .containsExactly(Map.entry(key.optionName(), sample.getValue()));
  }

  private static String camel(String name) {
    return Pattern.compile("_(.)")
        .matcher(name)
        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
  }

  @Test
  void takesColumnsOfEachRowsOwnValuesByName() {
    assertThat(GptOssOptions.of(Map.of("temperatureCol", "t")).toMap())
        .containsExactly(Map.entry("temperature_col", "t"));
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> GptOssOptions.create().set("model_col", "m"))
        .withMessageContaining("no column can hold model");
  }
}

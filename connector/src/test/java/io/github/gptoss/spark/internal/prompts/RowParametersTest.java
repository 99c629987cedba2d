package io.github.gptoss.spark.internal.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.nio.IntBuffer;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowParametersTest {
  private static final OptionValues OPTIONS =
      OptionValues.resolve(
          Map.of("model", "demo", "max_tokens", "20", "seed", "7", "reasoning_effort", "low"),
          Map.of());

  private int renderers;

  private final RowParameters parameters =
      new RowParameters(
          OPTIONS,
          own -> {
            renderers++;
            return new HarmonyPromptRenderer(own);
          });

  private GenerationRequest request(Map<OptionKey, String> overrides) {
    return parameters
        .template(new PromptRow("x", false, overrides))
        .request(IntBuffer.wrap(new int[] {1}), TurnSpec.FREE);
  }

  private int[] render(Map<OptionKey, String> overrides) {
    PromptRow row = new PromptRow("x", false, overrides);
    return Rendered.by(parameters.renderer(row), row.input(), row.isMessages());
  }

  @Test
  void aRowsOwnOptionTakesTheCallsPlaceAndLeavesTheOthers() {
    GenerationRequest own =
        request(Map.of(OptionKey.SEED, "9", OptionKey.TEMPERATURE, "0.5", OptionKey.STOP, "END"));
    assertThat(own.sampling().seed()).isEqualTo(9);
    assertThat(own.sampling().temperature()).isEqualTo(0.5);
    assertThat(own.stop()).containsExactly("END");
    assertThat(own.maxTokens()).isEqualTo(20);
    assertThat(request(Map.of()).sampling().seed()).isEqualTo(7);
    assertThat(request(Collections.singletonMap(OptionKey.SEED, null)).sampling().seed())
        .isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"high", "none"})
  void aRowsOwnOptionRendersAsIfTheCallHadIt(String effort) {
    OptionValues call =
        OptionValues.resolve(Map.of("model", "demo", "reasoning_effort", effort), Map.of());
    assertThat(render(Map.of(OptionKey.REASONING_EFFORT, effort)))
        .isEqualTo(Rendered.by(new HarmonyPromptRenderer(call), "x", false))
        .isNotEqualTo(render(Map.of()));
  }

  /** A body's model is the row's own, and an option lora is for rows that name no adapter. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        // the call's lora, the row's lora, the body's model, the adapter
        "one, null, two, two",
        "'', null, two, two",
        "null, null, two, two",
        "one, null, gpt-oss-20b, one",
        "one, null, null, one",
        "one, '', two, null",
        "two, one, two, one",
      })
  void aBodysModelThatIsAnAdapterTakesThePlaceOfTheCallsLora(
      String call, String row, String model, String expected) {
    Map<String, String> options = new HashMap<>();
    options.put("model", "demo");
    options.put("lora_adapters", "{\"one\": \"/adapters/1\", \"two\": \"/adapters/2\"}");
    options.put("lora", call);
    Map<OptionKey, String> own = new EnumMap<>(OptionKey.class);
    own.put(OptionKey.LORA, row);
    own.put(OptionKey.REQUESTED_MODEL, model);
    assertThat(
            new RowParameters(OptionValues.resolve(options, Map.of()), HarmonyPromptRenderer::new)
                .template(new PromptRow("x", false, own))
                .request(IntBuffer.wrap(new int[] {1}), TurnSpec.FREE)
                .lora())
        .isEqualTo(expected);
  }

  /** Names of the model pass, however near to an adapter's; so does what is near to none. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "suport, null, true",
        "Support2, null, true",
        "suport, support, false",
        "gpt-oss-20b, null, false",
        "openai/gpt-oss-20b, null, false",
        "my-model, null, false",
        "hf://us/my-model, null, false",
        "gpt-4o, null, false",
        "sales, null, false",
      })
  void aBodysModelThatIsAllButAnAdaptersNameIsAnError(
      String model, String row, boolean isMistyped) {
    String adapters = "{\"support\": \"/a/1\", \"gpt-oss-20c\": \"/a/2\", \"my-modal\": \"/a/3\"}";
    OptionValues options =
        OptionValues.resolve(
            Map.of("model", "hf://us/my-model", "lora_adapters", adapters), Map.of());
    Map<OptionKey, String> own = new EnumMap<>(OptionKey.class);
    own.put(OptionKey.LORA, row);
    own.put(OptionKey.REQUESTED_MODEL, model);
    if (isMistyped) {
      assertThatExceptionOfType(InvalidConfigException.class)
          .isThrownBy(() -> options.with(own))
          .withMessageContaining("model is '" + model + "'")
          .withMessageContaining("did you mean 'support'?");
    } else {
      assertThat(options.with(own).lora()).isEqualTo(row);
    }
  }

  @Test
  void distinctSeedsShareOneRenderer() {
    for (int i = 0; i < 1000; i++) {
      render(Map.of(OptionKey.SEED, "" + i, OptionKey.REASONING_EFFORT, "high"));
      assertThat(request(Map.of(OptionKey.SEED, "" + i)).sampling().seed()).isEqualTo(i);
    }
    assertThat(renderers).isEqualTo(2);
  }

  @Test
  void keepsTheRenderersUsedLastWithinABound() {
    for (int i = 0; i < 1000; i++) {
      render(Map.of(OptionKey.SYSTEM_PROMPT, "clerk " + i));
      render(Map.of(OptionKey.SYSTEM_PROMPT, "every second row"));
    }
    assertThat(renderers).isEqualTo(1 + 1000 + 1);
    render(Map.of(OptionKey.SYSTEM_PROMPT, "clerk 0"));
    assertThat(renderers).isEqualTo(1 + 1000 + 2);
  }

  @ParameterizedTest
  @CsvSource({
    "TEMPERATURE, abc, option temperature is 'abc', invalid_parameter",
    "TEMPERATURE, 101, option temperature, invalid_parameter",
    "REASONING_EFFORT, extreme, option reasoning_effort is 'extreme', invalid_parameter",
    "MAX_TOKENS, 0, option max_tokens, invalid_parameter",
    "MAX_TOKENS, '', option max_tokens, invalid_parameter",
    "MAX_REASONING_TOKENS, -2, option max_reasoning_tokens, invalid_parameter",
    "SEED, 1.5, option seed, invalid_parameter",
    "TOOLS, not json, tools, invalid_parameter",
    "RESPONSE_FORMAT, '{\"type\": \"xml\"}', response_format, invalid_request",
    "STRUCTURED_OUTPUTS, '{\"choice\": []}', choice, invalid_request",
    "STRUCTURED_OUTPUTS, '{\"grammar\": \"a\"}', grammar, invalid_request",
    "STOP, '[1', option stop, invalid_parameter"
  })
  void aWrongValueIsTheRowsError(OptionKey key, String value, String message, String code) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () -> {
              request(Map.of(key, value));
              render(Map.of(key, value));
            })
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void optionsThatContradictEachOtherAreTheRowsError() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () -> request(Map.of(OptionKey.MAX_TOKENS, "5", OptionKey.MAX_REASONING_TOKENS, "3")))
        .satisfies(e -> assertThat(e.code()).isEqualTo("invalid_parameter"));
  }

  @Test
  void quotesNoLongText() {
    String prompt = "a prompt that was put in the wrong column";
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> request(Map.of(OptionKey.TEMPERATURE, prompt)))
        .withMessageContaining("41 characters")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("prompt that"));
  }

  @Test
  void refusesWhatNoRowCanHaveAsItsOwn() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PromptRow("x", false, Map.of(OptionKey.MODEL, "other")))
        .withMessageContaining("option model");
  }
}

package io.github.gptoss.spark.internal.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionValuesTest {
  private static OptionValues with(String... pairs) {
    return OptionValues.resolve(options(pairs), Map.of());
  }

  private static Map<String, String> options(String... pairs) {
    Map<String, String> options = new HashMap<>(Map.of("model", "demo"));
    for (int i = 0; i < pairs.length; i += 2) {
      options.put(pairs[i], pairs[i + 1]);
    }
    return options;
  }

  private static void assertRefused(String message, String... pairs) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> with(pairs))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"max_tokens", "maxTokens", "MAX_TOKENS", "maxtokens", "max-tokens"})
  void acceptsEverySpellingOfAName(String name) {
    assertThat(with(name, "7").intValue(OptionKey.MAX_TOKENS)).isEqualTo(7);
  }

  @Test
  void takesOptionsBeforeConfBeforeDefaults() {
    Map<String, String> conf =
        Map.of(
            "spark.gptoss.model", "demo",
            "spark.gptoss.maxTokens", "11",
            "spark.gptoss.seed", "5",
            "spark.app.name", "unrelated");
    OptionValues values = OptionValues.resolve(Map.of("max_tokens", "12"), conf);
    assertThat(values.intValue(OptionKey.MAX_TOKENS)).isEqualTo(12);
    assertThat(values.longValue(OptionKey.SEED)).isEqualTo(5);
    assertThat(values.doubleValue(OptionKey.TOP_P)).isEqualTo(1);
    assertThat(values.isSet(OptionKey.SEED)).isTrue();
    assertThat(values.isSet(OptionKey.TOP_P)).isFalse();
  }

  @Test
  void lettingACallSayWhereItsPromptsAreOverridesTheConf() {
    Map<String, String> conf =
        Map.of("spark.gptoss.model", "demo", "spark.gptoss.prompt_col", "text");
    OptionValues values = OptionValues.resolve(Map.of("messagesCol", "chat"), conf);
    assertThat(values.isSet(OptionKey.PROMPT_COL)).isFalse();
    assertThat(values.text(OptionKey.MESSAGES_COL)).isEqualTo("chat");
  }

  @ParameterizedTest
  @CsvSource({
    "temprature, temperature",
    "maxTokns, max_tokens",
    "modle, model",
    "reasoning_efort, reasoning_effort"
  })
  void suggestsTheNearestNameForAnUnknownOption(String wrong, String right) {
    assertRefused("unknown option '" + wrong + "': did you mean '" + right + "'?", wrong, "1");
  }

  @Test
  void listsTheOptionsWhereNoNameIsNear() {
    assertRefused("the options are model, backend,", "zzzzzzzzzzzz", "1");
  }

  @Test
  void refusesAnUnknownOptionInTheConf() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> OptionValues.resolve(options(), Map.of("spark.gptoss.max_tokns", "1")))
        .withMessageContaining("did you mean 'max_tokens'?");
  }

  @Test
  void refusesSpeculativeExecution() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> OptionValues.resolve(options(), Map.of("spark.speculation", "true")))
        .withMessageContaining("spark.speculation is true")
        .withMessageContaining("set it to false");
    assertThat(OptionValues.resolve(options(), Map.of("spark.speculation", "false"))).isNotNull();
  }

  @Test
  void refusesOneOptionInTwoSpellings() {
    assertRefused("max_tokens is given twice", "max_tokens", "1", "maxTokens", "2");
  }

  @ParameterizedTest
  @CsvSource({
    "temperature, NaN",
    "temperature, Infinity",
    "temperature, -0.1",
    "temperature, warm",
    "top_p, -0.01",
    "top_p, 1.01",
    "top_p, NaN",
    "top_k, -2",
    "min_p, 1.5",
    "max_tokens, 0",
    "max_tokens, -1",
    "max_tokens, 3.5",
    "max_tokens, 99999999999",
    "max_reasoning_tokens, -2",
    "loop_detection_tokens, -1",
    "window_rows, 0",
    "window_bytes, 0",
    "window_bytes, 3x",
    "window_bytes, 9999999999t",
    "kv_cache_bytes, -1",
    "seed, 1e3",
    "reasoning_effort, extreme",
    "include_tokens, yes",
    "stop, '[1'",
    "stop, '[\"\"]'",
    "repetition_penalty, 0",
    "output_col, ' '"
  })
  void refusesAValueOutOfItsRangeAndNamesTheOption(String option, String value) {
    assertRefused(option, option, value);
  }

  @ParameterizedTest
  @CsvSource({"backend, tpu", "threads, -1", "max_num_seqs, -1", "enable_prefix_caching, maybe"})
  void refusesEngineSettingsThatCannotWork(String option, String value) {
    assertThatExceptionOfType(InvalidConfigException.class).isThrownBy(() -> with(option, value));
  }

  @Test
  void refusesMoreThanSixteenStopStrings() {
    assertRefused("stop", "stop", "[" + "\"a\",".repeat(16) + "\"a\"]");
  }

  @Test
  void needsAModel() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> OptionValues.resolve(Map.of(), Map.of()))
        .withMessageContaining("no model is set");
  }

  @Test
  void refusesTwoPromptSources() {
    assertRefused("messages_col and prompt_col", "messages_col", "a", "prompt_col", "b");
    assertRefused("prompt_template", "prompt_template", "{a}", "prompt_col", "b");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "512, 512", "3k, 3072", "2m, 2097152", "8g, 8589934592", "1T, 1099511627776"})
  void readsBytesWithSuffixes(String text, long bytes) {
    assertThat(with("kv_cache_bytes", text).bytesValue(OptionKey.KV_CACHE_BYTES)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "90, 90000",
    "250ms, 250",
    "90 s, 90000",
    "30m, 1800000",
    "5MIN, 300000",
    "2h, 7200000",
    "1d, 86400000"
  })
  void readsTimesWithSuffixes(String text, long millis) {
    assertThat(with("time_budget", text).millisValue(OptionKey.TIME_BUDGET)).isEqualTo(millis);
  }

  @ParameterizedTest
  @CsvSource({
    "token_budget, 0, at least 1",
    "token_budget, -5, at least 1",
    "token_budget, many, a whole number",
    "time_budget, 0s, more than 0",
    "time_budget, -5m, 'a time, for instance 90s, 30m or 2h'",
    "time_budget, soon, 'a time, for instance 90s, 30m or 2h'",
    "time_budget, 999999999999999d, 'a time, for instance 90s, 30m or 2h'",
    "completion_cache, ' ', a folder"
  })
  void refusesBudgetsAndCachesThatAreNone(String option, String value, String allowed) {
    assertRefused("option " + option + " is", option, value);
    assertRefused("it must be " + allowed, option, value);
  }

  @Test
  void readsStopAsAStringOrAsAnArray() {
    assertThat(with("stop", "END").listValue(OptionKey.STOP)).containsExactly("END");
    assertThat(with("stop", "[\"a\", \"b\"]").listValue(OptionKey.STOP)).containsExactly("a", "b");
    assertThat(with().listValue(OptionKey.STOP)).isEmpty();
  }

  @Test
  void readsBackTheListsItWrites() {
    var strings = java.util.List.of("[", "\"", "a,b", "\n");
    assertThat(with("stop", OptionValues.jsonArray(strings)).listValue(OptionKey.STOP))
        .isEqualTo(strings);
  }

  @Test
  void leavesTheEffortToTheConversationUnlessItIsSet() {
    assertThat(with().reasoningEffort()).isNull();
    assertThat(with("reasoning_effort", "HIGH").reasoningEffort()).isEqualTo("high");
  }

  @Test
  void survivesSerialization() throws Exception {
    OptionValues values = with("seed", "9", "stop", "x");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(values);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(values);
    }
  }

  @Test
  void equalOptionsAskForTheSameEngineWhateverTheSampling() {
    assertThat(with("seed", "1", "temperature", "0.5").engineConfig())
        .isEqualTo(with("max_tokens", "3").engineConfig());
  }

  @Test
  void aVoteNeedsSamples() {
    assertThatCode(() -> with("vote", "none").checkVote(Set.of())).doesNotThrowAnyException();
    assertThatCode(() -> with("vote", "Majority", "n", "2").checkVote(Set.of()))
        .doesNotThrowAnyException();
    assertThatCode(() -> with("vote", "majority", "n_col", "c").checkVote(Set.of()))
        .doesNotThrowAnyException();
    assertThatCode(() -> with("vote", "majority", "request_col", "c").checkVote(Set.of()))
        .doesNotThrowAnyException();
    assertThatCode(() -> with("vote", "majority").checkVote(Set.of(OptionKey.N)))
        .doesNotThrowAnyException();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> with("vote", "majority").checkVote(Set.of(OptionKey.SEED)))
        .withMessage(
            "option vote is majority, and n is 1: one sample has nothing to vote with; set n to how"
                + " many samples a row is to have, or vote to none");
    assertRefused("option vote is 'most': it must be none or majority", "vote", "most");
  }

  @Test
  void takesAsManySamplesAsOpenAi() {
    assertThat(with("n", "128").intValue(OptionKey.N)).isEqualTo(128);
    assertRefused("option n is 0: it must be between 1 and 128", "n", "0");
    assertRefused("option n is 129: it must be between 1 and 128", "n", "129");
    assertRefused(
        "option n is above 1, and overflow is map_reduce", "n", "2", "overflow", "map_reduce");
    assertThat(with("n", "1", "overflow", "map_reduce").intValue(OptionKey.N)).isEqualTo(1);
  }
}

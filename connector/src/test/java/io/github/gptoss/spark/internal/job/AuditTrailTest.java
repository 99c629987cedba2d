package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTrailTest {
  private static final String REDACTION = "(?i)secret|password|token|access[.]?key";

  @Test
  void showsOptionsWithoutPromptsAndSecrets() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("model", "s3a://user:hidden@bucket/model");
    given.put("max_tokens", "12");
    given.put("include_tokens", "true");
    for (String text :
        new String[] {"system_prompt", "developer_prompt", "response_format", "stop"}) {
      given.put(text, "hidden");
    }
    given.put("tools", "[\"hidden\"]");
    given.put("seedCol", "s");
    Map<String, String> shown =
        AuditTrail.options(OptionValues.resolve(given, Map.of()), REDACTION);
    assertThat(shown)
        .containsEntry("model", "s3a://bucket/model")
        .containsEntry("max_tokens", "12")
        .containsEntry("seed_col", "s")
        .containsEntry("include_tokens", "true");
    assertThat(shown.get("system_prompt")).startsWith("6 characters, sha256 ");
    assertThat(shown.toString()).doesNotContain("hidden");
  }

  @Test
  void keepsContainersAndHidesTokensWhateverThePattern() {
    assertThat(AuditTrail.withoutUser("abfss://data@account.dfs.core.windows.net/in"))
        .isEqualTo("abfss://data@account.dfs.core.windows.net/in");
    assertThat(AuditTrail.withoutUser("https://user:word@host/in")).isEqualTo("https://host/in");
    OptionValues values =
        OptionValues.resolve(Map.of("model", "demo", "hf_token", "hf_word"), Map.of());
    for (String pattern : List.of("", "other")) {
      assertThat(AuditTrail.options(values, pattern).get("hf_token")).contains("redacted");
    }
  }

  @Test
  void redactsWhatThePatternNames() {
    Map<String, String> shown =
        AuditTrail.options(
            OptionValues.resolve(Map.of("model", "demo", "output_col", "x"), Map.of()), "output");
    assertThat(shown.get("output_col")).contains("redacted");
  }
}

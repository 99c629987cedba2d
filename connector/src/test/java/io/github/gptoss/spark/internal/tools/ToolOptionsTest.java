package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.harmony.ToolNamespace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolOptionsTest {
  private static ToolOptions of(String... namesAndValues) {
    return ToolOptions.of(Calls.options(namesAndValues));
  }

  @Test
  void nothingRunsUnlessAnOptionSaysSo() {
    assertThat(of().areOn()).isFalse();
    assertThat(of("tools", "[]", "tool_http_allow", "https://host").areOn()).isFalse();
    assertThat(of("tool_process", "{\"f\": {\"command\": \"x\"}}").areOn()).isTrue();
    assertThat(of("tool_process", "{\"f\": {\"command\": \"x\"}}", "max_tool_rounds", "0").areOn())
        .isFalse();
  }

  @Test
  void showsTheModelItsBuiltInToolsWhereTheyAreConfigured() {
    assertThat(of().systemTools()).isEmpty();
    assertThat(of("tool_browser", "{\"table\": \"pages\"}").systemTools())
        .containsExactly(ToolNamespace.browser());
    assertThat(of("tool_process", "{\"python\": {\"command\": \"x\"}}").systemTools())
        .containsExactly(ToolNamespace.python());
    assertThat(
            of("tool_process", "{\"python\": {\"command\": \"x\", \"description\": \"Mine.\"}}")
                .systemTools())
        .containsExactly(new ToolNamespace("python", "Mine.", java.util.List.of()));
    assertThat(
            of("tool_process", "{\"python\": {\"command\": \"x\"}}", "max_tool_rounds", "0")
                .systemTools())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tool_lookup | [1] | option tool_lookup is no JSON object",
        "tool_lookup | {x | option tool_lookup is no JSON object",
        "tool_lookup | {\"f\": 1} | option tool_lookup.f: it must be a JSON object",
        "tool_lookup | {\"f\": {\"key\": \"k\"}} | option tool_lookup.f has no table",
        "tool_lookup | {\"f\": {\"table\": \"t\"}} | option tool_lookup.f has no key",
        "tool_lookup | {\"f\": {\"table\": \"t\", \"key\": []}} | tool_lookup.f.key: it must be",
        "tool_lookup | {\"f\": {\"table\": \"t\", \"kye\": \"k\"}} | did you mean 'key'?",
        "tool_browser | {\"table\": \"t\", \"search\": \"x\"} | it must be bm25 or like",
        "tool_process | {\"f\": {\"command\": \" \", \"env\": 1}} | tool_process.f.env",
        "tool_process | {\"f\": {}} | option tool_process.f has no command",
        "tool_process | {\"f\": {\"command\": \"x\", \"max_bytes\": 0}} | from 1 to 16777216",
        "tool_process | {\"f\": {\"command\": \"x\", \"max_bytes\": 2147483647}} | from 1 to",
        "tool_http | {\"f\": {\"url\": \"ftp://h/x\"}} | option tool_http.f.url: it must be",
        "tool_http | {\"f\": {\"url\": \"https://h/x\", \"method\": \"PUT\"}} | GET or POST",
        "tool_http | {\"f\": {\"url\": \"https://h/x\", \"headers\": {\"Host\": \"a\"}}} | .headers: it must",
        "tool_executors | {\"f\": 1} | option tool_executors.f: it must be a JSON object",
      })
  void saysWhatIsWrong(String option, String value, String message) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> of(option, value, "tool_http_allow", "https://h"))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://{host}/x",
        "https://api.{zone}.example/x",
        "https://user@api.example/x",
        "https://api.example/x#y",
        "https://api.example/a/../b",
        "https:///x",
        "file:///etc/passwd",
        "https://api.example:{port}/x"
      })
  void anAddressIsFixed(String url) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                of(
                    "tool_http",
                    "{\"f\": {\"url\": \"" + url + "\"}}",
                    "tool_http_allow",
                    "https://api.example"))
        .withMessageContaining("tool_http.f.url");
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example/v1/x, https://api.example, true",
    "https://api.example/v1/{x}, https://api.example/v1, true",
    "https://api.example/v1, https://api.example/v1/, true",
    "https://API.example:443/v1/x, https://api.example/v1, true",
    "https://api.example/v10/x, https://api.example/v1, false",
    "http://api.example/v1/x, https://api.example/v1, false",
    "https://api.example.evil/v1/x, https://api.example, false",
    "https://api.example:8443/v1/x, https://api.example, false",
    "https://other.example/v1/x, https://api.example, false",
  })
  void anAddressIsBelowOneThatIsAllowed(String url, String allowed, boolean isAllowed) {
    String http = "{\"f\": {\"url\": \"" + url + "\"}}";
    if (isAllowed) {
      assertThat(of("tool_http", http, "tool_http_allow", allowed).http()).containsKey("f");
    } else {
      assertThatExceptionOfType(InvalidConfigException.class)
          .isThrownBy(() -> of("tool_http", http, "tool_http_allow", allowed))
          .withMessageContaining("begins with none of the addresses in option tool_http_allow");
    }
  }

  @Test
  void noAddressIsAllowedUnlessItIsNamed() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> of("tool_http", "{\"f\": {\"url\": \"https://h/x\"}}"))
        .withMessageContaining("tool_http_allow");
  }

  @Test
  void aFunctionHasOneTool() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                of(
                    "tool_process",
                    "{\"f\": {\"command\": \"x\"}}",
                    "tool_lookup",
                    "{\"f\": {\"table\": \"t\", \"key\": \"k\"}}"))
        .withMessageContaining("function f is given to two tools");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                of(
                    "tool_process",
                    "{\"browser.open\": {\"command\": \"x\"}}",
                    "tool_browser",
                    "{\"table\": \"t\"}"))
        .withMessageContaining("function browser.open is given to two tools");
  }

  @Test
  void cannotGoWithPartsOfATextUnlessNoToolRuns() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> of("tool_browser", "{\"table\": \"t\"}", "overflow", "map_reduce"))
        .withMessageContaining("option tool_browser cannot be given together with overflow");
    assertThat(
            of(
                    "tool_browser",
                    "{\"table\": \"t\"}",
                    "overflow",
                    "map_reduce",
                    "max_tool_rounds",
                    "0")
                .areOn())
        .isFalse();
  }
}

package io.github.gptoss.spark.internal.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  @Test
  void takesOptionsBeforeTheEnvironmentBeforeDefaults() {
    HubSettings none = HubSettings.of(Map.of(), Map.of());
    assertThat(none.endpoint()).hasToString("https://huggingface.co");
    assertThat(none.token()).isNull();
    assertThat(none.isOffline()).isFalse();
    Map<String, String> environment =
        Map.of("HF_TOKEN", "a ", "HF_ENDPOINT", "https://mirror/hub/", "HF_HUB_OFFLINE", "1");
    HubSettings some = HubSettings.of(Map.of(HubSettings.TOKEN, "b"), environment);
    assertThat(some.endpoint()).hasToString("https://mirror/hub");
    assertThat(some.token()).isEqualTo("b");
    assertThat(some.isOffline()).isTrue();
    assertThat(HubSettings.of(Map.of(), environment).token()).isEqualTo("a");
  }

  @Test
  void showsNoToken() {
    assertThat(HubSettings.of(Map.of(HubSettings.TOKEN, "secret"), Map.of()))
        .asString()
        .contains("token=set")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf_a b", "hf_a\r\nX-Evil: 1", "hf_ä"})
  void refusesATokenThatIsNoneWithoutShowingIt(String token) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> HubSettings.of(Map.of(HubSettings.TOKEN, token), Map.of()))
        .withMessageContaining("hf_token")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(token).doesNotContain("\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"huggingface.co", "ftp://x", "https://", "https://u:p@hub", "https://h?x=1", ":"})
  void refusesAnEndpointThatIsNone(String endpoint) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> HubSettings.of(Map.of(HubSettings.ENDPOINT, endpoint), Map.of()))
        .withMessageContaining("hf_endpoint");
  }

  @Test
  void sendsNoTokenInTheClear() {
    Map<String, String> open =
        Map.of(HubSettings.ENDPOINT, "http://mirror", HubSettings.TOKEN, "secret");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> HubSettings.of(open, Map.of()))
        .withMessageContaining("https");
    assertThat(HubSettings.of(Map.of(HubSettings.ENDPOINT, "http://mirror"), Map.of()).endpoint())
        .hasToString("http://mirror");
  }
}

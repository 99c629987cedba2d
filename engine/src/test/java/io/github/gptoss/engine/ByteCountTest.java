package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteCountTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512b, 512",
    "3k, 3072",
    "3 KiB, 3072",
    "2mb, 2097152",
    "8g, 8589934592",
    "1T, 1099511627776",
    "8388607t, 9223370937343148032"
  })
  void readsSuffixesAsPowersOf1024(String text, long bytes) {
    assertThat(ByteCount.parse(text)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "g", "-1", "1.5g", "3x", "3ki", "8388608t", "9999999999999999999"})
  void findsNoNumberInAnythingElse(String text) {
    assertThat(ByteCount.parse(text)).isEmpty();
  }
}

package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 1000",
    "3k, 3072",
    "512m, 536870912",
    "8G, 8589934592",
    "1 TiB, 1099511627776",
    "2kb, 2048"
  })
  void readsNumbersWithSuffixes(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(OptionalLong.of(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "g", "-1", "1.5g", "8 gigs", "9999999999999999999", "9999999999t"})
  void refusesOthers(String text) {
    assertThat(ByteSize.parse(text)).isEmpty();
  }
}

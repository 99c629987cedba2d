package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConstraintLinesTest {
  private static JsonNode accept(String schema, String text) {
    String line = "{\"schema\": " + schema + ", \"text\": \"" + text + "\"}\n";
    return Cli.run(line, "accept", "--jsonl").lines().get(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"const\": 0.123456789012345678901}|0.123456789012345678901|0.12345678901234568",
        "{\"type\": \"integer\", \"maximum\": 9007199254740993.5}|9007199254740993|9007199254740994",
        "{\"type\": \"number\", \"multipleOf\": 0.1000000000000000000001}|0.2000000000000000000002|0.2"
      })
  void numbersOfSchemasAreExact(String schema, String accepted, String refused) {
    assertThat(accept(schema, accepted).get("accepted").booleanValue()).isTrue();
    assertThat(accept(schema, refused).get("accepted").booleanValue()).isFalse();
  }

  @Test
  void largeNumbersAreNoTexts() {
    assertThat(accept("{\"const\": 1e400}", "\\\"Infinity\\\"").path("accepted").asText())
        .isEqualTo("false");
    assertThat(accept("{\"const\": NaN}", "1").at("/error/code").asText())
        .isEqualTo("invalid_schema");
  }
}

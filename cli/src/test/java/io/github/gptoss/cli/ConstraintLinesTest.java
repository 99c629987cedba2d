package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
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

  /** Of the request, of its schema, and of one line among others. */
  @Test
  void generatedLinesNameKeywordAndPath() {
    String line =
        "{\"id\": %d, \"prompt\": \"Hi\", \"max_tokens\": 1, \"structured_outputs\": %s}\n";
    String input =
        line.formatted(1, "{\"grammar\": \"x\"}")
            + line.formatted(2, "{\"json\": {\"properties\": {\"a\": {\"not\": {}}}}}")
            + "{\"id\": 3, \"prompt\": \"Hi\", \"max_tokens\": 1}\n";
    List<JsonNode> lines = Cli.run(input, "generate", "--model", "demo", "--jsonl").lines();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0).get("error").get("keyword").asText()).isEqualTo("grammar");
    assertThat(lines.get(0).get("error").get("code").asText()).isEqualTo("invalid_request");
    assertThat(lines.get(1).get("error").get("keyword").asText()).isEqualTo("not");
    assertThat(lines.get(1).get("error").get("path").asText()).isEqualTo("/properties/a/not");
    assertThat(lines.get(2).has("error")).isFalse();
  }
}

package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bad line gives an error in its place, and the lines around it what they always give. */
class BadLinesTest {
  private static final String GOOD = "{\"text\": \"a\"}";
  private static final String ANSWER = "{\"ids\":[64]}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          no json                      | invalid_json      | not valid JSON
          `{"text": "secret`           | invalid_json      | at column
          `{"text": "a"} {}`           | invalid_json      | one JSON object
          `{"text": "a", "text": "b"}` | invalid_json      | occurs twice
          ["a"]                        | invalid_json      | a list
          "secret"                     | invalid_json      | a string
          null                         | invalid_json      | null
          {}                           | invalid_parameter | text is missing
          `{"txt": "secret"}`          | invalid_parameter | did you mean text?
          `{"text": 5}`                | invalid_parameter | a string
          `{"text": null}`             | invalid_parameter | missing
          `{"text": ["secret"]}`       | invalid_parameter | text is a list
          """)
  void standsInItsPlace(String line, String code, String message) {
    Cli.Result result = Cli.run(GOOD + "\n" + line + "\n" + GOOD + "\n", "tokenize", "--jsonl");

    assertThat(result.status()).isZero();
    List<JsonNode> lines = result.lines();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0).toString()).isEqualTo(ANSWER);
    assertThat(lines.get(1).get("error").get("code").textValue()).isEqualTo(code);
    assertThat(lines.get(1).get("error").get("message").textValue())
        .contains(message)
        .doesNotContain("secret");
    assertThat(lines.get(2).toString()).isEqualTo(ANSWER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          detokenize   | `{"ids": [1, 201088]}`                                      | invalid_tokens
          detokenize   | `{"ids": [-1]}`                                             | invalid_tokens
          detokenize   | `{"ids": [1.5]}`                                            | invalid_parameter
          detokenize   | `{"ids": [99999999999]}`                                    | invalid_parameter
          detokenize   | `{"ids": "1 2"}`                                            | invalid_parameter
          detokenize   | `{"ids": [true]}`                                           | invalid_parameter
          render       | `{"messages": [{"role": "king", "content": "a"}]}`          | invalid_conversation
          render       | `{"messages": "a"}`                                         | invalid_parameter
          render       | `{"messages": [], "auto_drop_analysis": 1}`                 | invalid_parameter
          render       | `{}`                                                        | invalid_parameter
          parse        | `{"tokens": [200006], "role": "king"}`                      | invalid_parameter
          parse        | `{"tokens": [64], "strict": true}`                          | malformed_completion
          parse        | `{"role": "assistant"}`                                     | invalid_parameter
          distribution | `{"logits": []}`                                            | invalid_parameter
          distribution | `{"logits": [1, NaN]}`                                      | invalid_parameter
          distribution | `{"logits": [-Infinity]}`                                   | invalid_parameter
          distribution | `{"logits": [1, "2"]}`                                      | invalid_parameter
          distribution | `{"logits": [1, 2], "prompt": [2]}`                         | invalid_token
          distribution | `{"logits": [1, 2], "params": {"temperature": -1}}`         | invalid_parameter
          distribution | `{"logits": [1, 2], "params": {"temprature": 1}}`           | invalid_parameter
          distribution | `{"logits": [1, 2], "params": {"logit_bias": {"2": 1}}}`    | invalid_parameter
          distribution | `{"logits": [1, 2], "params": {"logit_bias": {"x": 1}}}`    | invalid_parameter
          distribution | `{"logits": [1, 2], "params": {"logit_bias": {"1": "a"}}}`  | invalid_parameter
          distribution | `{"logits": [1, 2], "params": 3}`                           | invalid_parameter
          """)
  void ofEveryCommandIsAnError(String command, String line, String code) {
    Cli.Result result = Cli.run(line + "\n", command, "--jsonl");

    assertThat(result.status()).isZero();
    assertThat(result.lines()).hasSize(1);
    assertThat(result.lines().get(0).get("error").get("code").textValue()).isEqualTo(code);
  }

  @Test
  void thatIsNoUtf8IsAnErrorOfItsOwn() {
    byte[] input = (GOOD + "\nX\n" + GOOD).getBytes(StandardCharsets.UTF_8);
    input[GOOD.length() + 1] = (byte) 0xff;

    List<JsonNode> lines = Cli.run(input, "tokenize", "--jsonl").lines();

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1).get("error").get("message").textValue()).contains("not UTF-8");
    assertThat(lines.get(2).toString()).isEqualTo(ANSWER);
  }

  @Test
  void thatIsBlankIsPassedOver() {
    Cli.Result result = Cli.run("\n" + GOOD + "\n \t\r\n\n" + GOOD + "\n\n", "tokenize", "--jsonl");
    assertThat(result.status()).isZero();
    assertThat(result.out()).isEqualTo((ANSWER + "\n").repeat(2));
  }

  @Test
  void keepsItsIds() {
    String input =
        """
        {"id": "x\\ud800", "text": 1}
        {"custom_id": 7, "text": "a"}
        """;
    Cli.Result result = Cli.run(input, "tokenize", "--jsonl");

    assertThat(result.out()).startsWith("{\"id\":\"x\\ud800\",\"error\":");
    assertThat(result.lines().get(1).toString()).isEqualTo("{\"custom_id\":7,\"ids\":[64]}");
  }

  @Test
  void readsCarriageReturnsAByteOrderMarkAndALastLineWithoutBreak() {
    Cli.Result result = Cli.run("\ufeff" + GOOD + "\r\n" + GOOD, "tokenize", "--jsonl");
    assertThat(result.out()).isEqualTo((ANSWER + "\n").repeat(2));
    assertThat(Cli.run("", "tokenize", "--jsonl").out()).isEmpty();
  }

  @Test
  void neverSplitsALineOfOutput() {
    String text = "a\u0085b\u2028c\u2029d\uD83D\uDE00\n";
    String ids = Cli.json(Cli.run(text, "tokenize").out()).toString();
    Cli.Result result = Cli.run("{\"ids\": " + ids + "}", "detokenize", "--jsonl");

    assertThat(result.out().lines().count()).isEqualTo(1);
    assertThat(result.out()).doesNotContain("\u0085", "\u2028", "\u2029").contains("\uD83D\uDE00");
    assertThat(result.lines().get(0).get("text").textValue()).isEqualTo(text);
  }

  @Test
  void encodesLoneSurrogatesAsTheReplacementCharacter() {
    Cli.Result result =
        Cli.run("{\"text\": \"\\ud800\"}\n{\"text\": \"\ufffd\"}\n", "tokenize", "--jsonl");
    assertThat(result.lines().get(0)).isEqualTo(result.lines().get(1));
  }

  @Test
  void closedOutputEndsTheCallQuietly() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Cli.run(new EndlessLines(), new BrokenPipe(100_000), err, false, "tokenize", "--jsonl");
    assertThat(status).isZero();
    assertThat(err.size()).isZero();
  }

  @Test
  void tellsHowDeepJsonMayBe() {
    String line = "{\"schema\": " + "{\"items\":".repeat(2000) + "{}" + "}".repeat(2000) + "}\n";
    JsonNode error = Cli.run(line, "accept").lines().get(0).get("error");
    assertThat(error.get("code").textValue()).isEqualTo("invalid_json");
    assertThat(error.get("message").textValue()).contains("more than 1,000 levels deep");
  }
}

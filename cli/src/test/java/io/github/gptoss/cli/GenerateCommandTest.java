package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code generate} of one prompt. */
class GenerateCommandTest {
  private static JsonNode conversation(String id) throws IOException {
    return Files.readAllLines(Path.of("../examples/data/demo-prompts.jsonl")).stream()
        .map(Cli::json)
        .filter(c -> c.get("id").textValue().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void printsTheAnswerAloneAndTheRestBeside() throws IOException {
    JsonNode c = conversation("arithmetic-high-001");
    String question = c.get("question").textValue();
    String[] args = {"generate", "--model", "demo", "--reasoning-effort", "high"};
    Cli.Result piped = Cli.run(question + "\n", args);

    assertThat(piped.status()).isZero();
    assertThat(piped.out()).isEqualTo(c.get("expected_response").textValue() + "\n");
    String reasoning = c.get("expected_reasoning").textValue();
    assertThat(reasoning).isNotEmpty();
    assertThat(piped.err()).startsWith(reasoning + "\n").contains(" tokens/s, stop");

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    byte[] input = question.getBytes(StandardCharsets.UTF_8);
    Cli.run(new ByteArrayInputStream(input), out, err, true, args);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("\u001b[2m" + reasoning + "\u001b[0m\n" + piped.out());
    assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(1);
  }

  @Test
  void takesThePromptFromItsArguments() throws IOException {
    JsonNode c = conversation("arithmetic-low-001");
    String[] words = c.get("question").textValue().split(" ", -1);
    String[] args = new String[words.length + 6];
    System.arraycopy(
        new String[] {"generate", "--model", "demo", "--reasoning-effort", "low", "--"},
        0,
        args,
        0,
        6);
    System.arraycopy(words, 0, args, 6, words.length);
    assertThat(Cli.run("", args).out()).isEqualTo(c.get("expected_response").textValue() + "\n");
  }
}

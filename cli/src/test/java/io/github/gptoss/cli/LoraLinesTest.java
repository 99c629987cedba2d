package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --lora}, by PEFT's reference results of the golden adapter. */
class LoraLinesTest {
  private static final double TOLERANCE = 2e-4;
  private static final String ADAPTER = Cli.TINY + "/lora";

  @TempDir private Path folder;

  private Cli.Result logits(String input, String... options) {
    List<String> args = new ArrayList<>(List.of("logits", "--jsonl", "--model", Cli.TINY));
    args.addAll(List.of("--output", folder.resolve("out.safetensors").toString()));
    args.addAll(List.of(options));
    return Cli.run(input, args.toArray(String[]::new));
  }

  private static JsonNode golden(String folder, int prompt) throws IOException {
    String json = Files.readString(Path.of(folder).resolve("expected.json"));
    return Cli.json(json).get("prompts").get(prompt);
  }

  private static String line(JsonNode golden, String more) {
    return "{\"tokens\": " + golden.get("prompt") + more + "}\n";
  }

  private void assertLogits(int line, String reference, int prompt) throws IOException {
    float[] actual =
        ProbeCommandTest.values(folder.resolve("out.safetensors"), "prompt" + line + ".logits");
    float[] expected =
        ProbeCommandTest.values(
            Path.of(reference, "expected.safetensors"), "prompt" + prompt + ".logits");
    double scale = 0;
    double worst = 0;
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
    }
    assertThat(worst / scale).isLessThan(TOLERANCE);
  }

  @Test
  void oneAdapterIsForAllLines() throws IOException {
    String input = line(golden(ADAPTER, 2), "") + line(golden(ADAPTER, 4), "");
    assertThat(logits(input, "--lora", ADAPTER).status()).isZero();
    assertLogits(0, ADAPTER, 2);
    assertLogits(1, ADAPTER, 4);
  }

  @Test
  void linesNameAdaptersOrNone() throws IOException {
    String input =
        line(golden(ADAPTER, 3), ", \"lora\": \"a\"")
            + line(golden(Cli.TINY, 3), "")
            + line(golden(Cli.TINY, 3), ", \"lora\": \"c\"")
            + line(golden(ADAPTER, 4), ", \"lora\": \"b\"");
    Cli.Result result = logits(input, "--lora", "a=" + ADAPTER, "--lora", "b=" + ADAPTER);
    assertThat(result.status()).isZero();
    assertLogits(0, ADAPTER, 3);
    assertLogits(1, Cli.TINY, 3);
    assertThat(result.lines().get(2).get("error").get("code").textValue())
        .isEqualTo("invalid_parameter");
    assertLogits(3, ADAPTER, 4);
  }

  @Test
  void generatesWithTheAdapterThatALineNames() throws IOException {
    StringBuilder input = new StringBuilder();
    String options = ", \"max_tokens\": 1, \"ignore_eos\": true";
    for (int prompt = 0; prompt < 5; prompt++) {
      input.append(line(golden(ADAPTER, prompt), options + ", \"lora\": \"tuned\""));
      input.append(line(golden(Cli.TINY, prompt), options));
    }
    Cli.Result result =
        Cli.run(
            input.toString(),
            "generate",
            "--jsonl",
            "--model",
            Cli.TINY,
            "--lora",
            "tuned=" + ADAPTER);
    assertThat(result.lines()).hasSize(10);
    for (int i = 0; i < 10; i++) {
      JsonNode golden = golden(i % 2 == 0 ? ADAPTER : Cli.TINY, i / 2);
      assertThat(golden.get("greedy_margin").get(0).doubleValue()).isGreaterThan(1e-3);
      assertThat(result.lines().get(i).get("tokens").get(0)).isEqualTo(golden.get("greedy").get(0));
    }
  }

  @Test
  void refusesAnAdapterThatDoesNotFitInOneLine() throws IOException {
    Path adapter = Files.createDirectory(folder.resolve("adapter"));
    Files.copy(
        Path.of(ADAPTER, "adapter_model.safetensors"),
        adapter.resolve("adapter_model.safetensors"));
    String config = Files.readString(Path.of(ADAPTER, "adapter_config.json"));
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        config.replace("\"use_dora\": false", "\"use_dora\": true"));
    Cli.Result result = logits("", "--lora", adapter.toString());
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err())
        .hasLineCount(1)
        .contains("'use_dora' is true", "Supported are LoRA adapters", "rank_pattern");
    assertThat(folder.resolve("out.safetensors")).doesNotExist();
  }

  @Test
  void refusesTwoAdaptersForTheSameLines() {
    Cli.Result result = logits("", "--lora", ADAPTER, "--lora", ADAPTER);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).hasLineCount(1).contains("NAME=DIR");
  }
}

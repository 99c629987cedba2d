package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeCommandTest {
  @TempDir private Path folder;

  private Cli.Result merge(String adapter, Path output) {
    return Cli.run(
        "", "merge", "--model", Cli.TINY, "--lora", adapter, "--output", output.toString());
  }

  @Test
  void writesACheckpointWithExpertsInBfloat16() {
    Path output = folder.resolve("merged");
    Cli.Result merged = merge(Cli.TINY + "/lora", output);
    assertThat(merged.status()).isZero();
    assertThat(merged.err()).isEmpty();
    JsonNode shown = Cli.run("", "inspect", "--json", "--model", output.toString()).lines().get(0);
    assertThat(shown.get("experts").textValue()).isEqualTo("dense");
    assertThat(shown.get("warnings")).isEmpty();
    for (JsonNode tensor : shown.get("tensors")) {
      if (tensor.get("name").textValue().endsWith("experts.gate_up_proj")) {
        assertThat(tensor.get("dtype").textValue()).isEqualTo("BF16");
        assertThat(tensor.get("shape").toString()).isEqualTo("[8,128,256]");
      }
    }
  }

  @Test
  void saysInOneLineWhatIsWrong() throws Exception {
    Cli.Result noAdapter = merge(Cli.TINY, folder.resolve("merged"));
    assertThat(noAdapter.status()).isEqualTo(2);
    assertThat(noAdapter.err()).hasLineCount(1).contains("this is a whole model");
    Files.createFile(folder.resolve("something"));
    Cli.Result inUse = merge(Cli.TINY + "/lora", folder);
    assertThat(inUse.status()).isEqualTo(2);
    assertThat(inUse.err()).hasLineCount(1).contains("no empty folder");
    Cli.Result noModel = Cli.run("", "merge", "--lora", "a", "--output", "b");
    assertThat(noModel.status()).isEqualTo(2);
    assertThat(noModel.err()).contains("--model");
  }
}

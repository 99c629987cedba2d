package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanCommandTest {
  @Test
  void printsWhichGpusSuffice() {
    Cli.Result result = Cli.run("", "plan", "--model", "120b", "--context", "4096");
    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    List<String> lines = result.out().lines().toList();
    assertThat(lines)
        .anyMatch(line -> line.matches("weights +6\\d\\.\\d\\d GiB"))
        .anyMatch(line -> line.matches("KV a sequence +149\\.6\\d MiB at 4096 tokens"))
        .anyMatch(line -> line.matches("a step, at most +512 sequences, 2,048 tokens \\(.*\\)"))
        .anyMatch(line -> line.matches("GPU +memory +1 +2 +3 +4 +5 +6 +7 +8"))
        .anyMatch(line -> line.matches("l4 +22\\.49 GiB +- +- +\\(0\\.9\\d\\)( +\\d+){5}"))
        .anyMatch(line -> line.matches("rtx-3090 +24\\.00 GiB +- +-( +\\d+){6}"))
        .anyMatch(line -> line.startsWith("(0.95): a sequence fits from"))
        .anyMatch(line -> line.matches("h200 +140\\.40 GiB( +\\d+){8}"))
        .anyMatch(line -> line.startsWith("Where one GPU holds the model"));
  }

  @Test
  void printsOneGpuAsJson() {
    Cli.Result result =
        Cli.run("", "plan", "--model", "20b", "--gpu", "H200", "--context", "4096", "--json");
    assertThat(result.status()).as(result.err()).isZero();
    JsonNode plan = result.lines().get(0);
    assertThat(plan.get("context").asInt()).isEqualTo(4096);
    assertThat(plan.at("/weight_bytes/total").asLong()).isBetween(12L << 30, 14L << 30);
    assertThat(plan.get("kv_bytes_per_sequence").asLong())
        .isEqualTo(12L * 2048 * 4096 + 12L * 2048 * 160);
    assertThat(plan.get("max_num_seqs").asInt()).isEqualTo(512);
    assertThat(plan.get("max_num_batched_tokens").asInt()).isEqualTo(2048);
    assertThat(plan.get("layouts")).hasSize(8);
    JsonNode one = plan.at("/layouts/0");
    assertThat(one.get("gpu").asText()).isEqualTo("h200");
    assertThat(one.get("gpus").asInt()).isOne();
    assertThat(one.get("fits").asBoolean()).isTrue();
    assertThat(one.get("sequences").asLong()).isGreaterThan(900);
  }

  @Test
  void takesAnotherShareOfTheMemory() {
    Cli.Result result =
        Cli.run(
            "",
            "plan",
            "--model",
            "120b",
            "--gpu",
            "l4",
            "--context",
            "4096",
            "--gpu-memory-utilization",
            "1",
            "--json");
    assertThat(result.status()).as(result.err()).isZero();
    JsonNode layouts = result.lines().get(0).get("layouts");
    assertThat(layouts.get(2).get("fits").asBoolean()).isTrue();
    assertThat(layouts.get(2).get("fits_at_utilization").asDouble()).isBetween(0.9, 1.0);
    assertThat(layouts.get(0).get("fits_at_utilization").isNull()).isTrue();
  }

  @Test
  void countsAdapters() {
    String folder = Cli.TINY;
    String[] asked = {"plan", "--model", folder, "--gpu", "l4", "--json"};
    JsonNode without = Cli.run("", asked).lines().get(0);
    List<String> with = new ArrayList<>(List.of(asked));
    with.addAll(List.of("--lora", "a=" + folder + "/lora", "--lora", "b=" + folder + "/lora"));
    Cli.Result result = Cli.run("", with.toArray(new String[0]));
    assertThat(result.status()).as(result.err()).isZero();
    JsonNode plan = result.lines().get(0);
    long adapters = plan.at("/weight_bytes/adapters").asLong();
    assertThat(adapters).isPositive();
    assertThat(plan.at("/weight_bytes/total").asLong())
        .isEqualTo(without.at("/weight_bytes/total").asLong() + adapters);
    assertThat(without.at("/weight_bytes").has("adapters")).isFalse();
    assertThat(plan.at("/layouts/0/sequences").asLong())
        .isLessThan(without.at("/layouts/0/sequences").asLong());
    assertThat(Cli.run("", "plan", "--model", "20b", "--lora", folder + "/lora").status())
        .isEqualTo(2);
  }

  @Test
  void refusesWhatIsNotInTheTable() {
    Cli.Result result = Cli.run("", "plan", "--model", "20b", "--gpu", "h20");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err().lines()).singleElement().asString().contains("h200");
  }
}

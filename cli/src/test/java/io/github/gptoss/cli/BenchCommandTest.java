package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
  private static Cli.Result bench(String... more) {
    String[] args = new String[more.length + 3];
    System.arraycopy(new String[] {"bench", "--model", Cli.TINY}, 0, args, 0, 3);
    System.arraycopy(more, 0, args, 3, more.length);
    return Cli.run("", args);
  }

  @Test
  void reportsSpeedsForEachBatchAsOneObject() {
    Cli.Result result =
        bench(
            "--batch", "1,3", "--prompt", "4", "--output", "5", "--prefill", "8", "--rounds", "2");
    assertThat(result.status()).isZero();
    JsonNode json = result.lines().get(0);
    assertThat(json.get("prefill_tokens_per_second").doubleValue()).isPositive().isFinite();
    assertThat(json.get("load_seconds").doubleValue()).isPositive();
    assertThat(json.get("batches")).hasSize(2);
    assertThat(json.get("batches").get(1).get("batch").intValue()).isEqualTo(3);
    json.get("batches")
        .forEach(
            b ->
                assertThat(b.get("decode_tokens_per_second").doubleValue())
                    .isPositive()
                    .isFinite());
    if (Files.exists(Path.of("/proc/self/status"))) {
      assertThat(json.get("rss_bytes").longValue()).isGreaterThan(1 << 20);
    }
    assertThat(result.err()).hasLineCount(4);
  }

  @Test
  void measuresBatchesWithAndWithoutAdapters() {
    String adapter = Cli.TINY + "/lora";
    Cli.Result result =
        bench(
            "--batch=2",
            "--prompt=4",
            "--output=5",
            "--prefill=8",
            "--lora",
            "a=" + adapter,
            "--lora",
            "b=" + adapter);
    JsonNode batch = result.lines().get(0).get("batches").get(0);
    assertThat(batch.get("decode_tokens_per_second").doubleValue()).isPositive();
    assertThat(batch.get("lora_decode_tokens_per_second").doubleValue()).isPositive().isFinite();
  }

  @Test
  void refusesWhatTheContextDoesNotHold() {
    Cli.Result result =
        bench("--max-model-len", "16", "--prefill", "4", "--prompt", "12", "--output", "8");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("exceeds the context of 16");
  }
}

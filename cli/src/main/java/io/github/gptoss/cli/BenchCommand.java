package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.GptOssEngine;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "bench",
    description =
        "Measures a model's speed with random prompts: of prefill, one prompt at a time, and of"
            + " decode, for each batch size; with --lora also of decode where the requests of a batch"
            + " take turns in naming the adapters. Every figure is the median of the rounds after one"
            + " round to warm up. rss_bytes is the largest that the process has been.")
final class BenchCommand extends SubCommand {
  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,32,64",
      description = "Batch sizes (default: ${DEFAULT-VALUE}).")
  private int[] batches;

  @Option(
      names = "--prompt",
      paramLabel = "TOKENS",
      defaultValue = "16",
      description = "Prompt tokens where decode is measured (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--output",
      paramLabel = "TOKENS",
      defaultValue = "32",
      description = "Tokens generated a request (default: ${DEFAULT-VALUE}).")
  private int outputTokens;

  @Option(
      names = "--prefill",
      paramLabel = "TOKENS",
      defaultValue = "512",
      description = "Prompt tokens where prefill is measured (default: ${DEFAULT-VALUE}).")
  private int prefillTokens;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Measured rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Mixin private EngineOptions engine;

  @Override
  void run() throws InterruptedException {
    requireAtLeast("--prompt", promptTokens, 1);
    requireAtLeast("--output", outputTokens, 2); // the first token is prefill's
    requireAtLeast("--prefill", prefillTokens, 1);
    requireAtLeast("--rounds", rounds, 1);
    for (int batch : batches) {
      requireAtLeast("--batch", batch, 1);
    }
    EngineConfig.Builder config = engine.builder(common()).enablePrefixCaching(false);
    if (engine.maxNumSeqs() == null) {
      config.maxNumSeqs(Arrays.stream(batches).max().orElse(1));
    }
    try (GptOssEngine opened = GptOssEngine.open(config.build())) {
      console().out().print(Json.text(measure(opened)) + "\n");
    }
  }

  private static void requireAtLeast(String option, int value, int least) {
    if (value < least) {
      throw CliErrors.badOption(option, "is " + value + ": it must be at least " + least);
    }
  }

  private ObjectNode measure(GptOssEngine opened) throws InterruptedException {
    EngineInfo info = opened.info();
    long seed = common().seed() == null ? 0 : common().seed();
    Benchmark benchmark = new Benchmark(opened, seed, rounds);
    ObjectNode json = Json.object();
    json.put("model", info.model());
    json.put("backend", info.backend());
    json.put(
        "threads",
        common().threads() == 0 ? Runtime.getRuntime().availableProcessors() : common().threads());
    json.put("load_seconds", info.loadNanos() / 1e9);
    progress("loaded in %.1f s", info.loadNanos() / 1e9);
    double prefill = benchmark.prefillTokensPerSecond(prefillTokens);
    json.put("prefill_tokens_per_second", prefill);
    progress("prefill of %d tokens: %.1f tokens/s", prefillTokens, prefill);
    ArrayNode list = json.putArray("batches");
    for (int batch : batches) {
      double[] decode = benchmark.decodeTokensPerSecond(batch, promptTokens, outputTokens);
      ObjectNode entry = list.addObject().put("batch", batch);
      entry.put("decode_tokens_per_second", decode[0]);
      progress("decode of batch %d: %.1f tokens/s", batch, decode[0]);
      if (!info.adapters().isEmpty()) {
        entry.put("lora_decode_tokens_per_second", decode[1]);
        progress(
            "decode of batch %d with %d adapters: %.1f tokens/s, %.1f %% slower",
            batch, info.adapters().size(), decode[1], 100 * (decode[0] / decode[1] - 1));
      }
    }
    json.put("rss_bytes", ProcessMemory.peakBytes());
    return json;
  }

  private void progress(String format, Object... values) {
    console().err().println(String.format(Locale.ROOT, format, values));
  }
}

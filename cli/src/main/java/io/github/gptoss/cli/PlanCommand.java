package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GpuPlan;
import io.github.gptoss.engine.GpuPlan.Layout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "plan",
    description =
        "Shows what a model takes of GPUs, none of which need be there. --model is a checkpoint's"
            + " folder, a config.json, 20b, 120b or demo; --lora adds the adapters loaded with it.")
final class PlanCommand extends SubCommand {
  @Option(
      names = "--gpu",
      paramLabel = "NAME",
      description = "A GPU of the built-in table, for instance h200 (default: all of them).")
  private String gpu;

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      defaultValue = "0",
      description = "Tokens of prompt and completion (default: the model's context).")
  private int context;

  @Option(
      names = "--gpu-memory-utilization",
      paramLabel = "X",
      defaultValue = "" + EngineConfig.DEFAULT_GPU_MEMORY_UTILIZATION,
      description = "Share of each GPU's memory to use, above 0 to 1 (default: 0.9).")
  private double utilization;

  @Option(names = "--json", description = "As one JSON object.")
  private boolean json;

  @Mixin private LoraOptions lora;

  @Override
  void run() {
    if (common().model() == null) {
      throw CliErrors.noModel();
    }
    List<Path> adapters = lora.byName().values().stream().map(Path::of).toList();
    GpuPlan plan = GpuPlan.of(common().model(), adapters, gpu, context, utilization);
    console().out().print(json ? Json.text(json(plan)) + "\n" : text(plan));
  }

  private static ObjectNode json(GpuPlan plan) {
    ObjectNode json = Json.object();
    json.put("model", plan.model()).put("context", plan.contextTokens());
    ObjectNode weights = json.putObject("weight_bytes");
    plan.weightBytes().forEach(weights::put);
    weights.put("total", plan.totalWeightBytes());
    json.put("kv_bytes_per_sequence", plan.sequenceBytes());
    json.put("max_num_seqs", EngineConfig.CUDA_MAX_NUM_SEQS)
        .put("max_num_batched_tokens", EngineConfig.CUDA_MAX_NUM_BATCHED_TOKENS);
    ArrayNode layouts = json.putArray("layouts");
    for (Layout layout : plan.layouts()) {
      layouts
          .addObject()
          .put("gpu", layout.gpu())
          .put("memory_bytes", layout.memoryBytes())
          .put("gpus", layout.gpus())
          .put("fits", layout.fits())
          .put("sequences", layout.sequences())
          .put(
              "fits_at_utilization",
              layout.leastUtilization() <= 1 ? layout.leastUtilization() : null);
    }
    return json;
  }

  private static String text(GpuPlan plan) {
    StringBuilder text = new StringBuilder();
    plan.weightBytes().forEach((name, bytes) -> line(text, name.replace('_', ' '), size(bytes)));
    line(text, "weights", size(plan.totalWeightBytes()));
    line(
        text,
        "KV a sequence",
        size(plan.sequenceBytes()) + " at " + plan.contextTokens() + " tokens");
    line(
        text,
        "a step, at most",
        String.format(
            Locale.ROOT,
            "%d sequences, %,d tokens (max_num_seqs, max_num_batched_tokens)",
            EngineConfig.CUDA_MAX_NUM_SEQS,
            EngineConfig.CUDA_MAX_NUM_BATCHED_TOKENS));
    text.append(
        String.format(
            Locale.ROOT, "%nsequences that memory holds, layers split over so many GPUs%n"));
    text.append(String.format(Locale.ROOT, "%-14s %10s", "GPU", "memory"));
    TreeMap<Integer, Boolean> columns = new TreeMap<>();
    plan.layouts().forEach(layout -> columns.put(layout.gpus(), true));
    columns.keySet().forEach(gpus -> text.append(String.format(Locale.ROOT, " %7d", gpus)));
    text.append('\n');
    var byGpu =
        plan.layouts().stream()
            .collect(Collectors.groupingBy(Layout::gpu, LinkedHashMap::new, Collectors.toList()));
    byGpu.forEach((name, layouts) -> row(text, name, layouts));
    if (plan.layouts().stream().anyMatch(Layout::almostFits)) {
      text.append("(0.95): a sequence fits from --gpu-memory-utilization 0.95 on.\n");
    }
    if (plan.layouts().stream().anyMatch(layout -> layout.gpus() == 1 && layout.fits())) {
      text.append("Where one GPU holds the model, give each its own engine (executor) instead.\n");
    }
    return text.toString();
  }

  private static void row(StringBuilder text, String name, List<Layout> layouts) {
    text.append(String.format(Locale.ROOT, "%-14s %10s", name, size(layouts.get(0).memoryBytes())));
    for (Layout layout : layouts) {
      text.append(String.format(Locale.ROOT, " %7s", cell(layout)));
    }
    text.append('\n');
  }

  private static String cell(Layout layout) {
    return layout.fits()
        ? Long.toString(layout.sequences())
        : layout.almostFits()
            ? String.format(Locale.ROOT, "(%.2f)", layout.leastUtilization())
            : "-";
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-18s %s%n", name, value));
  }

  private static String size(long bytes) {
    return bytes >= 1L << 30
        ? String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30))
        : String.format(Locale.ROOT, "%.2f MiB", bytes / (double) (1L << 20));
  }
}

package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.cuda.CudaPlanner;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.ParsedConfig;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.ExpertFormat;
import io.github.gptoss.engine.weights.Models;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a model takes of GPUs, none of which need be there.
 *
 * @param contextTokens tokens of prompt and completion that every sequence has room for
 * @param weightBytes by what they are for
 * @param sequenceBytes keys and values of one sequence of the whole context
 * @param layouts one for each kind of GPU and number of them, up to eight
 */
public record GpuPlan(
    String model,
    int contextTokens,
    Map<String, Long> weightBytes,
    long sequenceBytes,
    List<Layout> layouts) {

  /** Memory as nvidia-smi shows it, MiB. */
  private static final Map<String, Integer> GPUS = new LinkedHashMap<>();

  static {
    GPUS.put("l4", 23_034);
    GPUS.put("a10g", 23_028);
    GPUS.put("rtx-3090", 24_576);
    GPUS.put("rtx-4090", 24_564);
    GPUS.put("rtx-5090", 32_607);
    GPUS.put("a100-40", 40_960);
    GPUS.put("l40s", 46_068);
    GPUS.put("a100-80", 81_920);
    GPUS.put("h100", 81_559);
    GPUS.put("h100-nvl", 95_830);
    GPUS.put("rtx-pro-6000", 97_887);
    GPUS.put("h200", 143_771);
    GPUS.put("b200", 183_359);
  }

  private static final int MOST_GPUS = 8;

  private static final int BLOCK_TOKENS = 32;

  /**
   * So many GPUs of a kind with the layers split over them, and the sequences in flight at the same
   * time, 0 where the model does not fit. The least utilization is the share of each GPU's memory,
   * in hundredths rounded up, from which on a sequence fits; above 1 where none ever does.
   */
  public record Layout(
      String gpu, long memoryBytes, int gpus, long sequences, double leastUtilization) {
    public boolean fits() {
      return sequences > 0;
    }

    /** Whether the model does not fit, but would with a larger share of the memory. */
    public boolean almostFits() {
      return !fits() && leastUtilization <= 1;
    }
  }

  /** Plans a model without adapters, as the other {@code of} does. */
  public static GpuPlan of(String model, String gpu, int contextTokens, double utilization) {
    return of(model, List.of(), gpu, contextTokens, utilization);
  }

  /**
   * Plans without reading weights.
   *
   * @param model folder of a checkpoint, a config.json, {@code 20b} or {@code 120b} in any of their
   *     usual spellings, or {@code demo}
   * @param adapters folders of the PEFT adapters that are loaded with it
   * @param gpu one of {@link #gpuNames}, or null for all
   * @param contextTokens 0 takes the model's
   * @param utilization share of each GPU's memory that the engine may use, above 0 and at most 1
   * @throws InvalidModelException if there is no such model, or an adapter is none of it
   * @throws InvalidConfigException if there is no such GPU, or the context is none of the model's
   */
  public static GpuPlan of(
      String model, List<Path> adapters, String gpu, int contextTokens, double utilization) {
    EngineConfig.checkUtilization(utilization);
    ExpertFormat format = ExpertFormat.MXFP4;
    ModelConfig config;
    Optional<String> known = knownConfig(model);
    if (known.isPresent()) {
      config = parse(Path.of(model), known.get().getBytes(StandardCharsets.UTF_8)).model();
    } else if (Files.isRegularFile(Path.of(model))) {
      ParsedConfig parsed = parse(Path.of(model), read(Path.of(model)));
      config = parsed.model();
      format = parsed.mxfp4() ? ExpertFormat.MXFP4 : ExpertFormat.DENSE;
    } else {
      try (Checkpoint checkpoint = Checkpoint.open(Models.resolve(model))) {
        config = checkpoint.config();
        format = checkpoint.expertFormat();
      }
    }
    int context = contextTokens == 0 ? config.maxPositions() : contextTokens;
    if (context < 1 || context > config.maxPositions()) {
      throw new InvalidConfigException(
          "context is " + context + ": the model's is 1 to " + config.maxPositions() + " tokens");
    }
    List<LoraAdapter> opened = new ArrayList<>();
    try {
      for (Path adapter : adapters) {
        opened.add(LoraAdapter.open(adapter, config));
      }
      return of(model, config, format, opened, gpu, context, utilization);
    } finally {
      opened.forEach(LoraAdapter::close);
    }
  }

  private static GpuPlan of(
      String model,
      ModelConfig config,
      ExpertFormat format,
      List<LoraAdapter> adapters,
      String gpu,
      int context,
      double utilization) {
    CudaPlanner planner =
        new CudaPlanner(
            config,
            format,
            adapters,
            context,
            EngineConfig.CUDA_MAX_NUM_BATCHED_TOKENS,
            BLOCK_TOKENS,
            utilization);
    List<Layout> layouts = new ArrayList<>();
    for (String name : gpu == null ? gpuNames() : List.of(checked(gpu))) {
      long memoryBytes = (long) GPUS.get(name) << 20;
      for (int gpus = 1; gpus <= MOST_GPUS; gpus++) {
        layouts.add(
            new Layout(
                name,
                memoryBytes,
                gpus,
                planner.sequences(memoryBytes, gpus),
                Math.ceil(100 * planner.leastUtilization(memoryBytes, gpus)) / 100));
      }
    }
    return new GpuPlan(
        model, context, planner.weightBytes(), planner.sequenceBytes(), List.copyOf(layouts));
  }

  public static List<String> gpuNames() {
    return List.copyOf(GPUS.keySet());
  }

  public long totalWeightBytes() {
    return weightBytes.values().stream().mapToLong(bytes -> bytes).sum();
  }

  private static String checked(String gpu) {
    String name = gpu.toLowerCase(Locale.ROOT).replace('_', '-').replace(' ', '-');
    if (!GPUS.containsKey(name)) {
      String hint =
          NearestName.of(name, gpuNames()).map(near -> ", did you mean " + near).orElse("");
      throw new InvalidConfigException(
          "unknown GPU '%s'%s: those in the table are %s"
              .formatted(gpu, hint, String.join(", ", gpuNames())));
    }
    return name;
  }

  /** The configuration of one of OpenAI's two models, as far as it is not the default. */
  private static Optional<String> knownConfig(String model) {
    String size = model.toLowerCase(Locale.ROOT).replaceFirst("^openai/", "");
    return switch (size.replaceFirst("^gpt-oss-", "")) {
      case "120b" -> Optional.of("{\"model_type\": \"gpt_oss\"}");
      case "20b" ->
          Optional.of(
              "{\"model_type\": \"gpt_oss\", \"num_hidden_layers\": 24,"
                  + " \"num_local_experts\": 32}");
      default -> Optional.empty();
    };
  }

  private static ParsedConfig parse(Path file, byte[] json) {
    return ConfigReader.read(file, json, file, Optional.empty());
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InvalidModelException(file + " cannot be read: " + e, e);
    }
  }
}

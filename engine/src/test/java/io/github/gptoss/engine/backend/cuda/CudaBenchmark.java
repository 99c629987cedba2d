package io.github.gptoss.engine.backend.cuda;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.cuda.Roofline.Cost;
import io.github.gptoss.engine.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import jcuda.driver.JCudaDriver;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Speed on one GPU with random weights; gpu/check.sh runs it. */
@Command(
    name = "CudaBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Measures prefill and decode with random weights of a model's shape, against what the"
            + " device's memory and arithmetic allow. Prints tables, and writes JSON where asked.")
public final class CudaBenchmark implements Callable<Integer> {
  private static final long SEED = 1;
  private static final int COPIES = 20;

  @Option(names = "--model", required = true, description = BenchmarkModel.NAMES + ".")
  private String model;

  @Option(
      names = "--layers",
      defaultValue = "0",
      description = "The model's first so many layers; 0 for all.")
  private int layers;

  @Option(names = "--device", defaultValue = "0", description = "Ordinal of the GPU.")
  private int ordinal;

  @Option(names = "--batch", split = ",", defaultValue = "64,256,512,1024")
  private int[] batches;

  @Option(names = "--prompt", defaultValue = "1024", description = "Tokens of each prompt.")
  private int promptTokens;

  @Option(names = "--output", defaultValue = "1024", description = "Tokens generated a sequence.")
  private int outputTokens;

  @Option(names = "--max-tokens", defaultValue = "8192", description = "Tokens of one step.")
  private int maxTokens;

  @Option(
      names = "--peak-tflops",
      defaultValue = "NaN",
      description = "bfloat16 arithmetic of the GPU, measured or named; without it memory alone.")
  private double peakTflops;

  @Option(
      names = "--profile",
      description =
          "Measures nothing: computes one step of prompts and one that generates for each batch"
              + " size, between cuProfilerStart and cuProfilerStop, for Nsight Compute.")
  private boolean profile;

  @Option(names = "--wgmma", description = "Multiplies by wgmma, as option cuda_wgmma does.")
  private boolean wgmma;

  @Option(names = "--json", description = "File for the results.")
  private Path jsonFile;

  private final ObjectNode json = new ObjectMapper().createObjectNode();
  private Roofline roofline;
  private double bytesPerSecond;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CudaBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    BenchmarkModel shape = BenchmarkModel.of(model, layers);
    ModelConfig config = shape.config();
    roofline = new Roofline(config, shape.format());
    try (CudaDevice device = new CudaDevice(ordinal, KernelImage.read())) {
      if (wgmma) {
        device.multiplyByWgmma();
      }
      print(
          "%n## %s%s on %s%n",
          model, layers > 0 ? ", " + layers + " layers" : "", device.describe());
      if (profile) {
        profile(shape.load(device, SEED), device, config);
        return 0;
      }
      bytesPerSecond = copyBytesPerSecond(device);
      print("copies %.0f GB/s; arithmetic %.0f TFLOP/s%n", bytesPerSecond / 1e9, peakTflops);
      json.put("model", model).put("device", device.describe());
      json.put("prompt_tokens", promptTokens).put("output_tokens", outputTokens);
      json.put("max_tokens", maxTokens).put("copy_bytes_per_second", bytesPerSecond);
      if (!Double.isNaN(peakTflops)) {
        json.put("peak_flops_per_second", peakTflops * 1e12);
      }
      long startNanos = System.nanoTime();
      CudaModel loaded = shape.load(device, SEED);
      json.put("load_seconds", (System.nanoTime() - startNanos) / 1e9);
      int largest = largestThatFits(loaded, config);
      if (largest > 0) {
        measure(new BenchmarkRun(loaded, device, config, steps(config, largest)), largest);
      }
    }
    if (jsonFile != null) {
      Files.writeString(jsonFile, json.toPrettyString() + "\n");
    }
    return 0;
  }

  private BenchmarkSteps steps(ModelConfig config, int sequences) {
    return new BenchmarkSteps(
        sequences,
        promptTokens,
        outputTokens,
        maxTokens,
        config.slidingWindow(),
        config.vocabSize());
  }

  /** The largest batch whose keys and values fit beside the weights; 0 if none does. */
  private int largestThatFits(CudaModel loaded, ModelConfig config) {
    int largest = 0;
    ArrayNode without = json.putArray("batches_that_do_not_fit");
    for (int batch : batches) {
      Capacity capacity = steps(config, batch).capacity();
      if (loaded.plan().fits(capacity)) {
        largest = Math.max(largest, batch);
      } else {
        without.add(batch);
        print("%d sequences do not fit: %s%n", batch, loaded.plan().describe(capacity));
      }
    }
    return largest;
  }

  private void measure(BenchmarkRun run, int largest) {
    print(
        "%n| | sequences | tokens/s | ms a step | floor, ms | share"
            + " |%n|---|---|---|---|---|---|%n");
    int each = Math.min(largest, maxTokens / promptTokens);
    double prefillSteps = (double) largest / each;
    double floor = floor(roofline.step(each, promptTokens, 0)) * prefillSteps;
    ObjectNode prefill = json.putObject("prefill");
    double prefillSeconds = run.prefillSeconds();
    line(prefill, "prefill", largest, promptTokens, prefillSeconds, floor, prefillSteps);
    ArrayNode decode = json.putArray("decode");
    int[] fitting = Arrays.stream(batches).filter(batch -> batch <= largest).sorted().toArray();
    for (int batch : fitting) {
      double decodeFloor = 0;
      for (int i = 0; i < outputTokens; i++) {
        decodeFloor += floor(roofline.step(batch, 1, promptTokens + i));
      }
      double seconds = run.decodeSeconds(batch, outputTokens);
      ObjectNode json = decode.addObject();
      line(json, "decode", batch, outputTokens, seconds, decodeFloor, outputTokens);
      // All prompts, then all tokens, as where no sequence ends before the others.
      double whole = batch * (double) outputTokens / (prefillSeconds * batch / largest + seconds);
      json.put("with_prefill_tokens_per_second", whole);
      print("| with prefill | %d | %.0f | | | |%n", batch, whole);
    }
    operations(prefill, "prefill", run.prefillOperations(), roofline.step(each, promptTokens, 0));
    int middle = promptTokens + outputTokens / 2;
    for (int i = 0; i < fitting.length; i++) {
      operations(
          (ObjectNode) decode.get(i),
          "decode, " + fitting[i] + " sequences of " + middle + " tokens",
          run.decodeOperations(fitting[i], middle),
          roofline.step(fitting[i], 1, middle));
    }
  }

  private void profile(CudaModel loaded, CudaDevice device, ModelConfig config) {
    int most = Arrays.stream(batches).max().orElseThrow();
    BenchmarkRun run = new BenchmarkRun(loaded, device, config, steps(config, most));
    run.prefillSeconds();
    run.profilePrefill();
    for (int batch : batches) {
      run.decodeSeconds(batch, 1);
      run.profileDecode(batch, promptTokens);
    }
  }

  private double seconds(Cost cost) {
    return cost.seconds(bytesPerSecond, peakTflops * 1e12);
  }

  private double floor(Map<String, Cost> costs) {
    return costs.values().stream().mapToDouble(this::seconds).sum();
  }

  private static void line(
      ObjectNode to,
      String name,
      int sequences,
      int tokensEach,
      double seconds,
      double floorSeconds,
      double steps) {
    double rate = (double) sequences * tokensEach / seconds;
    double share = floorSeconds / seconds;
    to.put("sequences", sequences).put("tokens_per_second", rate);
    to.put("step_seconds", seconds / steps).put("floor_step_seconds", floorSeconds / steps);
    to.put("share_of_floor", share);
    print(
        "| %s | %d | %.0f | %.2f | %.2f | %.0f%% |%n",
        name, sequences, rate, seconds / steps * 1e3, floorSeconds / steps * 1e3, 100 * share);
  }

  private void operations(
      ObjectNode to, String name, Map<String, Double> seconds, Map<String, Cost> costs) {
    print("%n%s, one step:%n%n| operation | ms | GB/s | TFLOP/s | share |%n", name);
    print("|---|---|---|---|---|%n");
    ObjectNode all = to.putObject("operations");
    seconds.forEach(
        (operation, took) -> {
          Cost cost = costs.getOrDefault(operation, new Cost(0, 0));
          double share = seconds(cost) / took;
          all.putObject(operation)
              .put("seconds", took)
              .put("bytes", cost.bytes())
              .put("flops", cost.flops())
              .put("share_of_floor", share);
          print(
              "| %s | %.3f | %.0f | %.1f | %.0f%% |%n",
              operation,
              took * 1e3,
              cost.bytes() / took / 1e9,
              cost.flops() / took / 1e12,
              100 * share);
        });
  }

  /** Of copies within the device's memory, which read and write. */
  private static double copyBytesPerSecond(CudaDevice device) {
    long bytes = Math.min(1L << 30, device.totalBytes() / 16);
    DeviceMemory from = device.allocate(bytes, "a copy", () -> "nothing else yet");
    DeviceMemory to = device.allocate(bytes, "a copy", () -> "nothing else yet");
    device.clear(from);
    device.check(JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, device.stream()));
    device.synchronize();
    long startNanos = System.nanoTime();
    for (int i = 0; i < COPIES; i++) {
      device.check(JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, device.stream()));
    }
    device.synchronize();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    device.free(from);
    device.free(to);
    return 2.0 * bytes * COPIES / seconds;
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}

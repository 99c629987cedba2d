package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A row's tokens in steps of many sizes, with random weights; gpu/check.sh runs it. */
@Command(
    name = "CudaInvariance",
    mixinStandardHelpOptions = true,
    description =
        "Computes the same rows in steps of many sizes, with random weights of a model's shape, and"
            + " fails where a token depends on what else is in its step.")
public final class CudaInvariance implements Callable<Integer> {
  private static final long SEED = 1;

  /** Of the first adapter; a tile's rows and one more for the second. */
  private static final int RANK = 16;

  private static final int MOST_SHOWN = 10;
  private static final int PROMPTS_ALONE = 4;

  @Option(names = "--model", required = true, description = BenchmarkModel.NAMES + ".")
  private String model;

  @Option(names = "--layers", defaultValue = "0", description = "The first so many; 0 for all.")
  private int layers;

  @Option(names = "--device", defaultValue = "0", description = "Ordinal of the GPU.")
  private int ordinal;

  @Option(names = "--sequences", defaultValue = "512", description = "In the largest step.")
  private int sequences;

  @Option(names = "--prompt", defaultValue = "300", description = "Tokens of each prompt.")
  private int promptTokens;

  @Option(names = "--output", defaultValue = "4", description = "Positions that are compared.")
  private int outputTokens;

  @Option(names = "--max-tokens", defaultValue = "8192", description = "Tokens of one step.")
  private int maxTokens;

  @Option(names = "--wgmma", description = "Multiplies by wgmma, as option cuda_wgmma does.")
  private boolean wgmma;

  @Option(
      names = "--adapters",
      defaultValue = "2",
      description = "LoRA adapters that sequences take turns in, and in none.")
  private int adapterCount;

  private final Set<Integer> seen = new HashSet<>();
  private int compared;
  private int wrong;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CudaInvariance()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    BenchmarkModel shape = BenchmarkModel.of(model, layers);
    ModelConfig config = shape.config();
    BenchmarkSteps steps =
        new BenchmarkSteps(
            sequences,
            promptTokens,
            outputTokens,
            maxTokens,
            config.slidingWindow(),
            config.vocabSize());
    try (CudaDevice device = new CudaDevice(ordinal, KernelImage.read())) {
      if (wgmma) {
        device.multiplyByWgmma();
      }
      BenchmarkRun run = new BenchmarkRun(load(shape, device), device, config, steps);
      prompts(run, steps);
      for (int i = 0; i < outputTokens; i++) {
        generated(run, steps, promptTokens + i);
      }
      print(
          "%s on %s: %d of %d tokens equal, %d different ones%n",
          model, device.describe(), compared - wrong, compared, seen.size());
    }
    // One token for all rows would show no difference.
    return wrong == 0 && seen.size() > 1 ? 0 : 1;
  }

  private CudaModel load(BenchmarkModel shape, CudaDevice device) throws IOException {
    Path folder = Files.createTempDirectory("adapters");
    List<LoraAdapter> adapters = new ArrayList<>();
    try {
      for (int i = 0; i < adapterCount; i++) {
        adapters.add(shape.adapter(folder.resolve("" + i), RANK + i, SEED + i));
      }
      return shape.load(device, adapters, SEED);
    } finally {
      adapters.forEach(LoraAdapter::close);
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  /** Prompts several a step, and some of them alone. */
  private void prompts(BenchmarkRun run, BenchmarkSteps steps) {
    int each = steps.promptsEach();
    for (int from = 0; from < sequences; from += each) {
      int count = Math.min(each, sequences - from);
      Step together = adapted(steps.prompts(from, count), from);
      int[] expected = tokens(run, together, count);
      for (int at = 0; from == 0 && at < Math.min(PROMPTS_ALONE, count); at++) {
        Step alone = adapted(steps.prompts(at, 1), at);
        System.arraycopy(together.tokenIds(), at * promptTokens, alone.tokenIds(), 0, promptTokens);
        compare("prompt alone", at, tokens(run, alone, 1)[0], expected[at]);
      }
    }
  }

  /** The next token of the first rows, in steps of all rows, a quarter, a sixteenth, to one. */
  private void generated(BenchmarkRun run, BenchmarkSteps steps, int position) {
    int[] expected = tokens(run, adapted(steps.decode(sequences, position, false), 0), sequences);
    for (int count = sequences; count > 1; ) {
      count = count > 8 ? count / 4 : Math.max(1, count - 3);
      int[] actual = tokens(run, adapted(steps.decode(count, position, false), 0), count);
      for (int row = 0; row < count; row++) {
        compare("position " + position + " of " + count + " rows", row, actual[row], expected[row]);
      }
    }
  }

  private Step adapted(Step step, int first) {
    return BenchmarkSteps.withAdapters(step, first, adapterCount);
  }

  private static int[] tokens(BenchmarkRun run, Step step, int count) {
    run.queue(step);
    run.finished();
    return run.tokens(count);
  }

  private void compare(String where, int row, int actual, int expected) {
    compared++;
    seen.add(expected);
    if (actual != expected && wrong++ < MOST_SHOWN) {
      print("%s: row %d has token %d, among others %d%n", where, row, actual, expected);
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}

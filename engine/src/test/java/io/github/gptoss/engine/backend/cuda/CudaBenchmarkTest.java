package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the benchmark computes is a model's computation, and what it divides by is right. */
class CudaBenchmarkTest {
  private static final Path CONFIG =
      Path.of("src/test/resources/goldens/model/tiny-mxfp4/config.json");

  private static ModelConfig config() throws IOException {
    return ConfigReader.read(CONFIG, Files.readAllBytes(CONFIG), CONFIG, Optional.empty()).model();
  }

  private static BenchmarkRun run(CudaDevice device, ModelConfig config, BenchmarkSteps steps) {
    CudaModel model =
        new CudaModel(
            config,
            WeightBytes.of(config, ExpertFormat.MXFP4),
            List.of(),
            List.of(device),
            0.9,
            (to, plan) -> new RandomWeights(config, ExpertFormat.MXFP4, to, plan, 3));
    return new BenchmarkRun(model, device, config, steps);
  }

  /** The last token of a prompt, alone or with the prompt: the same keys and values are found. */
  @Test
  void decodeContinuesThePrompts() throws IOException {
    GpuTests.start(
        EmulatedMachine.checked().withoutRaces().devices(64).order(Order.RANDOM, 9).deferred());
    ModelConfig config = config();
    int prompt = 300; // longer than the window and its ring of blocks
    BenchmarkSteps steps =
        new BenchmarkSteps(3, prompt, 8, 700, config.slidingWindow(), config.vocabSize());
    try (CudaDevice device = new CudaDevice(0, KernelImage.read())) {
      BenchmarkRun run = run(device, config, steps);
      int[] ids = new int[3];
      int[] expected = new int[3];
      for (int from = 0; from < 3; from += steps.promptsEach()) {
        int count = Math.min(steps.promptsEach(), 3 - from);
        Step prompts = steps.prompts(from, count);
        run.queue(prompts);
        run.finished();
        System.arraycopy(run.tokens(count), 0, expected, from, count);
        for (int s = 0; s < count; s++) {
          ids[from + s] = prompts.tokenIds()[(s + 1) * prompt - 1];
        }
      }
      Step last = steps.decode(3, prompt - 1, false);
      System.arraycopy(ids, 0, last.tokenIds(), 0, 3);
      run.queue(last);
      run.finished();
      assertThat(run.tokens(3)).isEqualTo(expected);
      assertThat(Arrays.stream(expected).distinct().count()).isGreaterThan(1);
    }
  }

  /** So many sequences that their keys and values alone are larger than the device's memory. */
  private static long moreThanFit(int tokensEach) throws IOException {
    try (CudaDevice device = new CudaDevice(0, KernelImage.read())) {
      long bytesEach = tokensEach * MemoryPlan.bytesPerToken(config(), AttentionKind.FULL);
      return device.totalBytes() / bytesEach + 1;
    }
  }

  @Test
  void reportsWhatItMeasured(@TempDir Path folder) throws IOException {
    GpuTests.start(EmulatedMachine.fast().devices(128));
    Path file = folder.resolve("result.json");
    long tooMany = moreThanFit(40 + 6);
    int status =
        new CommandLine(new CudaBenchmark())
            .execute(
                ("--model %s --batch 2,5,%d --prompt 40 --output 6 --max-tokens 128"
                        + " --peak-tflops 0.01 --json %s")
                    .formatted(CONFIG, tooMany, file)
                    .split(" "));
    assertThat(status).isZero();
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.at("/batches_that_do_not_fit/0").longValue()).isEqualTo(tooMany);
    assertThat(json.at("/prefill/tokens_per_second").doubleValue()).isPositive();
    assertThat(json.at("/decode")).hasSize(2);
    for (JsonNode line : json.at("/decode")) {
      double seconds = line.at("/step_seconds").doubleValue();
      assertThat(line.at("/tokens_per_second").doubleValue() * seconds)
          .isCloseTo(line.at("/sequences").intValue(), within(1e-6));
      assertThat(line.at("/operations/experts up/seconds").doubleValue()).isPositive();
    }
  }

  /** Of gpt-oss-120b, as the roofline in the design has it: 61.0 GB of experts, 1.16 of logits. */
  @Test
  void costsAreThoseOfTheModel() {
    Path file = Path.of("120b");
    ModelConfig config =
        ConfigReader.read(file, "{\"model_type\": \"gpt_oss\"}".getBytes(), file, Optional.empty())
            .model();
    Roofline roofline = new Roofline(config, ExpertFormat.MXFP4);
    assertThat(roofline.expertsMet(1)).isCloseTo(4, within(1e-9));
    assertThat(roofline.expertsMet(4096)).isCloseTo(128, within(1e-3));
    var costs = roofline.step(1024, 1, 1023);
    double experts = costs.get("experts up").bytes() + costs.get("experts down").bytes();
    double activations = 36 * (1024 * 2 * 2880 + 4096.0 * 2 * (2880 + 2880 + 2880));
    assertThat(experts - activations).isCloseTo(61.0e9, within(0.3e9));
    // Two of each multiplication of 3 * 2880 * 2880 in each of 4 experts of 36 layers: 7.17 G.
    assertThat((costs.get("experts up").flops() + costs.get("experts down").flops()) / 1024)
        .isCloseTo(7.17e9, within(0.01e9));
    assertThat((costs.get("qkv").flops() + costs.get("attention output").flops()) / 1024)
        .isCloseTo(1.94e9, within(0.2e9));
    // 2,048 bytes a token and layer: 1,024 tokens in 18 layers, 128 in the others.
    double queries = 36.0 * 1024 * 4 * 4096;
    assertThat(costs.get("attention").bytes() - queries)
        .isEqualTo(1024.0 * 2048 * 18 * (1024 + 128));
    assertThat(roofline.step(8, 100, 0).get("attention").flops())
        .isEqualTo(8 * 36 * 4.0 * 4096 * 100 * 101 / 2);
  }
}

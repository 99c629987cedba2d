package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.GoldenModelTest.Golden;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The golden models on the CUDA backend, which rounds activations to bfloat16. */
class CudaGoldenModelTest {
  private static final List<String> MODELS =
      List.of("tiny-mxfp4", "odd-mxfp4-sharded", "tiny-bf16-experts");

  private static final int LONGEST = 200;
  private static final int LONGEST_CHECKED = 33;

  /** What transformers in bfloat16 reaches on the same rows: see the goldens' provenance. */
  private static final double MEAN_DIFFERENCE = 0.072;

  private static final double MEDIAN_DIFFERENCE = 0.035;
  private static final double CLEAR_MARGIN = 0.5;
  private static final int CLEAR_ROWS_OTHERWISE = 2;

  /** [rows][vocab] of each prompt. */
  private static List<float[][]> logits(Golden golden, List<int[]> prompts, int kvMebibytes)
      throws IOException {
    return logits(golden, prompts, kvMebibytes, false);
  }

  private static List<float[][]> logits(
      Golden golden, List<int[]> prompts, int kvMebibytes, boolean wgmma) throws IOException {
    List<float[][]> all = new ArrayList<>();
    boolean adapted = Files.exists(golden.folder().resolve("adapter_config.json"));
    Path model = adapted ? golden.folder().getParent() : golden.folder();
    try (ModelProbe probe =
        ModelProbe.open(
            EngineConfig.builder(model.toString())
                .backend("cuda")
                .loraAdapters(adapted ? Map.of("tuned", golden.folder().toString()) : Map.of())
                .kvCacheBytes((long) kvMebibytes << 20)
                .maxModelLen(1024)
                .maxNumBatchedTokens(128)
                .cudaWgmma(wgmma)
                .build())) {
      for (int i = 0; i < prompts.size(); i++) {
        int rows = golden.tensor("prompt" + i + ".logits").length / probe.info().vocabSize();
        int first = prompts.get(i).length - rows;
        float[][] result = new float[rows][];
        probe.logits(
            List.of(new ModelProbe.Prompt(prompts.get(i), adapted ? "tuned" : null)),
            rows,
            (prompt, layer, position, row) -> result[position - first] = row.clone());
        all.add(result);
      }
    }
    return all;
  }

  private static List<int[]> prompts(Golden golden, int longest) {
    // They come in order of length.
    return golden.prompts().stream().filter(prompt -> prompt.length <= longest).toList();
  }

  @Test
  void isNoWorseThanTheReferenceInBfloat16() throws IOException {
    GpuTests.start(EmulatedMachine.fast());
    assertThat(compare(MODELS, 100)).isLessThanOrEqualTo(MEAN_DIFFERENCE);
  }

  /**
   * PEFT's logits, by what the same model has without an adapter. Few rows, whose experts are
   * exchanged, make the mean of either, which is beyond that of all models; other rows are
   * exchanged with the adapter, so its mean is not that of the model: 1.3 times that.
   */
  @Test
  void anAdapterIsHardlyWorseThanItsModel() throws IOException {
    GpuTests.start(EmulatedMachine.fast());
    double model = compare(List.of("tiny-mxfp4"), 40);
    assertThat(compare(List.of("tiny-mxfp4/lora"), 40)).isLessThanOrEqualTo(1.4 * model);
  }

  /** The mean difference; median and rows with a clear margin are as they have to be. */
  private static double compare(List<String> models, int leastClear) throws IOException {
    List<Double> differences = new ArrayList<>();
    int clear = 0;
    int otherwise = 0;
    for (String name : models) {
      Golden golden = Golden.read(name);
      List<float[][]> actual = logits(golden, prompts(golden, LONGEST), 16);
      for (int i = 0; i < actual.size(); i++) {
        float[] all = golden.tensor("prompt" + i + ".logits");
        int vocab = all.length / actual.get(i).length;
        for (int r = 0; r < actual.get(i).length; r++) {
          float[] expected = Arrays.copyOfRange(all, r * vocab, (r + 1) * vocab);
          int best = best(expected, -1);
          differences.add(Math.abs(logprob(actual.get(i)[r], best) - logprob(expected, best)));
          if (expected[best] - expected[best(expected, best)] > CLEAR_MARGIN) {
            clear++;
            otherwise += best(actual.get(i)[r], -1) == best ? 0 : 1;
          }
        }
      }
    }
    differences.sort(null);
    double mean = differences.stream().mapToDouble(d -> d).average().orElseThrow();
    double median = differences.get(differences.size() / 2);
    System.out.printf(
        "%d rows: mean %.4f, median %.4f, top-1 equal in %d of %d%n",
        differences.size(), mean, median, clear - otherwise, clear);
    assertThat(median).isLessThanOrEqualTo(MEDIAN_DIFFERENCE);
    assertThat(clear).isGreaterThan(leastClear);
    assertThat(otherwise).isLessThanOrEqualTo(CLEAR_ROWS_OTHERWISE);
    return mean;
  }

  private static int best(float[] row, int except) {
    int best = -1;
    for (int v = 0; v < row.length; v++) {
      if (v != except && (best < 0 || row[v] > row[best])) {
        best = v;
      }
    }
    return best;
  }

  private static double logprob(float[] row, int token) {
    double sum = 0;
    for (float value : row) {
      sum += Math.exp(value - row[token]);
    }
    return -Math.log(sum);
  }

  @ParameterizedTest
  @EnumSource(Order.class)
  void checkedKernelsFindNothingInAnyOrder(Order order) throws IOException {
    GpuTests.requireEmulator();
    for (String name :
        List.of(
            "tiny-mxfp4",
            "tiny-mxfp4/original",
            "tiny-mxfp4/lora",
            "odd-mxfp4-sharded",
            "tiny-bf16-experts")) {
      Golden golden = Golden.read(name);
      List<int[]> prompts = prompts(golden, LONGEST_CHECKED);
      EmulatedMachine.fast().devices(64).start();
      List<float[][]> fast = logits(golden, prompts, 4);
      // Without bulk copies and with them.
      for (int capability : new int[] {80, 90}) {
        EmulatedMachine checked = EmulatedMachine.checked().devices(64).order(order, 5).deferred();
        checked.computeCapability(capability).start();
        assertThat(Arrays.deepEquals(logits(golden, prompts, 4).toArray(), fast.toArray()))
            .as("%s, compute capability %d", name, capability)
            .isTrue();
      }
      if (order == Order.RANDOM) {
        EmulatedMachine.checked().devices(64).order(order, 5).deferred().start();
        assertThat(Arrays.deepEquals(logits(golden, prompts, 4, true).toArray(), fast.toArray()))
            .as("%s, by wgmma", name)
            .isTrue();
      }
    }
  }

  @Test
  void theOriginalLayoutGivesTheSameBits() throws IOException {
    GpuTests.start(EmulatedMachine.fast());
    Golden golden = Golden.read("tiny-mxfp4");
    List<int[]> prompts = prompts(golden, LONGEST);
    float[][][] original =
        logits(Golden.read("tiny-mxfp4/original"), prompts, 16).toArray(float[][][]::new);
    float[][][] expected = logits(golden, prompts, 16).toArray(float[][][]::new);
    assertThat(Arrays.deepEquals(original, expected)).isTrue();
  }
}

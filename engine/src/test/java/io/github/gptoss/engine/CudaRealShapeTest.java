package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.weights.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two layers of gpt-oss's own widths, whose products have 45 steps of 64 columns, against the CPU
 * backend on the same random weights, and a prompt's beginning alone and with the rest of it, bit
 * for bit.
 *
 * <p>{@code -Dshape=32:8,128:300} chooses the numbers of experts and of tokens in a prompt. The
 * tokens that an expert gets on average decide the width of its tiles: 1 and 50 by default, the
 * narrowest and the widest.
 */
class CudaRealShapeTest {
  private static final double CLOSE = 0.9995;

  /**
   * Rows of a layer that need not be close, by how many layers lie before it. A row whose two next
   * experts are all but equal may get the other one at bfloat16, and what it then is reaches those
   * behind it by attention.
   */
  private static final double[] MOST_OTHERWISE = {0, 0.06, 0.6};

  private static final double LEAST_COSINE = 0.6;
  private static final double LEAST_MEDIAN = 0.999;
  private static final int BEGINNING = 8;
  private static final int VOCABULARY = 1024;
  private static final long SEED = 5;

  @TempDir private Path folder;

  static Stream<Arguments> shapes() {
    return Arrays.stream(System.getProperty("shape", "32:8,8:100").split(","))
        .map(shape -> shape.split(":"))
        .map(shape -> Arguments.of(Integer.parseInt(shape[0]), Integer.parseInt(shape[1])));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void layersOfTheRealWidthsAreThoseOfTheCpu(int experts, int tokens) throws IOException {
    // Few multiprocessors, so that steps of many tokens are computed in large blocks.
    GpuTests.start(EmulatedMachine.fast().devices(64 * experts).processors(2));
    RandomCheckpoint.write(
        folder,
        """
        {"model_type": "gpt_oss", "num_hidden_layers": 2, "num_local_experts": %d,
         "vocab_size": %d, "eos_token_id": 2, "pad_token_id": 1,
         "quantization_config": {"quant_method": "mxfp4"}}\
        """
            .formatted(experts, VOCABULARY),
        SEED);
    int[] prompt = new Random(tokens).ints(tokens, 3, VOCABULARY).toArray();
    List<float[]> expected = hidden("cpu", prompt).get(0);
    // Alone, the first tokens go through the narrowest tiles and the blocks of decoding.
    int[] beginning = Arrays.copyOf(prompt, Math.min(BEGINNING, tokens));
    List<List<float[]>> both = hidden("cuda", prompt, beginning);
    List<float[]> actual = both.get(0);
    for (int layer = 0; layer < MOST_OTHERWISE.length; layer++) {
      for (int row = 0; row < beginning.length; row++) {
        assertThat(both.get(1).get(layer * beginning.length + row))
            .as("token %d alone with those before it, after %d layers", row, layer)
            .isEqualTo(actual.get(layer * tokens + row));
      }
    }
    for (int layer = 0; layer < MOST_OTHERWISE.length; layer++) {
      List<Double> cosines = new ArrayList<>();
      for (int row = layer * tokens; row < (layer + 1) * tokens; row++) {
        cosines.add(cosine(actual.get(row), expected.get(row)));
      }
      cosines.sort(null);
      long otherwise = cosines.stream().filter(cosine -> cosine < CLOSE).count();
      double median = cosines.get(tokens / 2);
      System.out.printf(
          "%d experts, %d tokens, after %d layers: cosines from %.4f, median %.6f, %d below %s%n",
          experts, tokens, layer, cosines.get(0), median, otherwise, CLOSE);
      String what = "after " + layer + " layers";
      assertThat((double) otherwise)
          .as(what)
          .isLessThanOrEqualTo(Math.ceil(MOST_OTHERWISE[layer] * tokens));
      assertThat(cosines.get(0)).as(what).isGreaterThan(LEAST_COSINE);
      assertThat(median).as(what).isGreaterThan(LEAST_MEDIAN);
    }
  }

  /**
   * The residual stream behind the embedding, then behind each layer, [prompt][row][hidden]; a step
   * for each prompt.
   */
  private List<List<float[]>> hidden(String backend, int[]... prompts) {
    EngineConfig config =
        EngineConfig.builder(folder.toString())
            .backend(backend)
            .kvCacheBytes(16 << 20)
            .maxModelLen(512)
            .maxNumBatchedTokens(512)
            .build();
    List<List<float[]>> all = new ArrayList<>();
    long startNanos = System.nanoTime();
    try (ModelProbe probe = ModelProbe.open(config)) {
      long openNanos = System.nanoTime();
      for (int[] prompt : prompts) {
        List<float[]> rows = new ArrayList<>();
        probe.hidden(
            List.of(ModelProbe.Prompt.of(prompt)),
            (p, layer, position, row) -> rows.add(row.clone()));
        all.add(rows);
      }
      System.out.printf(
          "%s: opened in %.1f s, computed in %.1f s%n",
          backend, (openNanos - startNanos) / 1e9, (System.nanoTime() - openNanos) / 1e9);
    }
    return all;
  }

  private static double cosine(float[] one, float[] other) {
    double dot = 0;
    double ones = 0;
    double others = 0;
    for (int i = 0; i < one.length; i++) {
      dot += (double) one[i] * other[i];
      ones += (double) one[i] * one[i];
      others += (double) other[i] * other[i];
    }
    return dot / Math.sqrt(ones * others);
  }
}

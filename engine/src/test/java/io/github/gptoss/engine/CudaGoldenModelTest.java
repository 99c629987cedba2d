package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.GoldenModelTest.Golden;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden models on the CUDA backend. */
class CudaGoldenModelTest {
  @ParameterizedTest
  @ValueSource(strings = {"tiny-mxfp4", "odd-mxfp4-sharded", "tiny-bf16-experts"})
  void logits(String name) throws IOException {
    GpuTests.start(
        Boolean.getBoolean("checked") ? EmulatedMachine.checked() : EmulatedMachine.fast());
    Golden golden = Golden.read(name);
    try (ModelProbe probe =
        ModelProbe.open(
            EngineConfig.builder(golden.folder().toString())
                .backend("cuda")
                .kvCacheBytes(32 << 20)
                .maxModelLen(1024)
                .build())) {
      for (int i = 0; i < golden.prompts().size() && golden.prompts().get(i).length < 1000; i++) {
        float[] expected = golden.tensor("prompt" + i + ".logits");
        int vocab = probe.info().vocabSize();
        int rows = expected.length / vocab;
        int length = golden.prompts().get(i).length;
        double[] sums = new double[2];
        long start = System.nanoTime();
        probe.logits(
            List.of(golden.prompts().get(i)),
            rows,
            (prompt, layer, position, row) -> {
              int from = (position - (length - rows)) * vocab;
              for (int v = 0; v < vocab; v++) {
                sums[0] += Math.pow(row[v] - expected[from + v], 2);
                sums[1] += Math.pow(expected[from + v], 2);
              }
            });
        System.out.printf(
            "%s %d of %d: relative L2 %.5f, %d ms%n",
            name, i, length, Math.sqrt(sums[0] / sums[1]), (System.nanoTime() - start) / 1000000);
        assertThat(sums[1]).isPositive();
      }
    }
  }
}

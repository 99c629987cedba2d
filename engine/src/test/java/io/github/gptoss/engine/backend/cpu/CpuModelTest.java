package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.lora.RandomAdapter;
import io.github.gptoss.engine.transformer.Transformer;
import io.github.gptoss.engine.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole model through either kind of kernels and any number of threads: the same bits. */
class CpuModelTest {
  private static final int TOKENS = 60;
  private static final int BLOCK = 32;

  @ParameterizedTest
  @ValueSource(strings = {"tiny-mxfp4", "odd-mxfp4-sharded", "tiny-bf16-experts"})
  void kernelsAndThreadsGiveTheSameLogits(String name) {
    Path folder = Path.of("src/test/resources/goldens/model", name);
    List<float[]> expected = logits(folder, new ScalarKernels(), 1);
    assertThat(expected).hasSize(TOKENS);
    for (int threads : new int[] {1, 2, 3}) {
      List<float[]> actual = logits(folder, new VectorKernels(), threads);
      for (int t = 0; t < TOKENS; t++) {
        assertThat(actual.get(t)).as("row %d, %d threads", t, threads).isEqualTo(expected.get(t));
      }
    }
  }

  /** An adapter is read before the model, which is gone here: minutes of packing may follow. */
  @Test
  void aBadAdapterIsFoundBeforeTheModelIsRead(@TempDir Path folder) throws IOException {
    Path tiny = Path.of("src/test/resources/goldens/model/tiny-mxfp4");
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(tiny.resolve(name), folder.resolve(name));
    }
    Path bad =
        new RandomAdapter(tiny, 2, 2, 1)
            .attention()
            .size(Double.NaN)
            .write(folder.resolve("adapter"));
    try (Workers workers = new Workers(1);
        Checkpoint checkpoint = Checkpoint.open(folder);
        LoraAdapter adapter = LoraAdapter.open(bad, checkpoint.config())) {
      Files.delete(folder.resolve("model.safetensors"));
      assertThatThrownBy(
              () -> new CpuModel(checkpoint, List.of(adapter), new ScalarKernels(), workers))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("not finite");
    }
  }

  /** The heap check counts what is packed: of rank 17 a panel's 32 rows, of rank 3 ten pieces. */
  @Test
  void theBytesOfAnAdapterAreThoseOfItsPackedMatrices(@TempDir Path folder) throws IOException {
    Path tiny = Path.of("src/test/resources/goldens/model/tiny-mxfp4");
    for (int rank : new int[] {3, 16, 17}) {
      for (String dtype : List.of("F32", "BF16")) {
        RandomAdapter random =
            new RandomAdapter(tiny, rank, 2, 1).attention().experts(1).dtype(dtype);
        Path written = random.write(folder.resolve(dtype + rank));
        try (Workers workers = new Workers(1);
            Checkpoint checkpoint = Checkpoint.open(tiny);
            LoraAdapter adapter = LoraAdapter.open(written, checkpoint.config())) {
          CpuAdapter packed = CpuAdapter.load(adapter, 4, workers);
          long bytes = 0;
          for (int layer = 0; layer < 4; layer++) {
            for (AdapterMatrix matrix : packed.layers().get(layer).values()) {
              for (int e = 0; e < matrix.a().length; e++) {
                bytes += 4L * (matrix.a()[e].words().length + matrix.b()[e].words().length);
              }
            }
          }
          assertThat(CpuAdapter.bytes(adapter, 4)).isEqualTo(bytes);
          assertThat(bytes).isGreaterThanOrEqualTo(adapter.bytes());
        }
      }
    }
  }

  private static List<float[]> logits(Path folder, Kernels kernels, int threads) {
    try (Workers workers = new Workers(threads);
        Checkpoint checkpoint = Checkpoint.open(folder);
        LoadedModel model = new CpuModel(checkpoint, List.of(), kernels, workers)) {
      int blocks = (TOKENS + BLOCK - 1) / BLOCK;
      Transformer transformer =
          new Transformer(
              model.allocate(new Capacity(TOKENS, BLOCK, blocks, blocks)),
              checkpoint.config(),
              TOKENS,
              model.logitsRows());
      int[] ids = IntStream.range(0, TOKENS).map(i -> 3 + i * 37 % 250).toArray();
      int[] rows = IntStream.range(0, TOKENS).toArray();
      int[] table = IntStream.range(0, blocks).toArray();
      Step step =
          new Step(
              TOKENS,
              ids,
              rows,
              1,
              new int[] {0, TOKENS},
              BLOCK,
              new int[] {0, blocks},
              table,
              blocks,
              table,
              TOKENS,
              rows);
      List<float[]> logits = new ArrayList<>();
      transformer.forward(step);
      transformer.logits(step, (index, row) -> logits.add(Arrays.copyOf(row, row.length)));
      return logits;
    }
  }
}

package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.GoldenModelTest.Golden;
import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.Checkpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each layer by itself: fed the reference's input, it gives the reference's output. */
class CudaLayerTest {
  private static final double LEAST_COSINE = 0.9995;
  private static final int MOST_EXCHANGED = 2;

  /** With the adapter, whose rows go through other experts. */
  private static final int MOST_EXCHANGED_ADAPTED = 3;

  private static final double LEAST_EXCHANGED_COSINE = 0.9;
  private static final int BLOCK_TOKENS = 16;
  private static final int MOST_TOKENS = 64;

  @ParameterizedTest
  @ValueSource(strings = {"tiny-mxfp4", "odd-mxfp4-sharded", "tiny-bf16-experts"})
  void layersFollowTheReference(String name) throws IOException {
    GpuTests.start(EmulatedMachine.fast());
    Golden golden = Golden.read(name);
    try (Checkpoint checkpoint = Checkpoint.open(golden.folder())) {
      follow(golden, checkpoint, List.of());
    }
  }

  /** PEFT's reference, by the same cosines. */
  @Test
  void layersWithAnAdapterFollowTheReference() throws IOException {
    GpuTests.start(EmulatedMachine.fast());
    Golden golden = Golden.read("tiny-mxfp4/lora");
    try (Checkpoint checkpoint = Checkpoint.open(Golden.read("tiny-mxfp4").folder());
        LoraAdapter adapter = LoraAdapter.open(golden.folder(), checkpoint.config())) {
      follow(golden, checkpoint, List.of(adapter));
    }
  }

  private static void follow(Golden golden, Checkpoint checkpoint, List<LoraAdapter> adapters)
      throws IOException {
    try (CudaBackend backend = new CudaBackend(List.of(0), 0.9, false);
        LoadedModel model = backend.load(checkpoint, adapters)) {
      ModelConfig config = checkpoint.config();
      int blocks = MOST_TOKENS / BLOCK_TOKENS;
      Operations ops = model.allocate(new Capacity(MOST_TOKENS, BLOCK_TOKENS, blocks, blocks));
      Layer layer = new Layer(ops, config);
      for (int i = 0; i < golden.prompts().size(); i++) {
        float[] hidden = golden.tensorOrNull("prompt" + i + ".hidden");
        if (hidden != null) {
          layer.compare(golden.prompts().get(i), adapters.size(), hidden, blocks);
        }
      }
      for (int l = 0; l < config.layers(); l++) {
        List<Double> rows = layer.cosines.get(l);
        assertThat(rows).hasSizeGreaterThan(90);
        // A row whose two next experts are all but equal may get the other one at bfloat16.
        List<Double> exchanged = rows.stream().filter(c -> c < LEAST_COSINE).toList();
        assertThat(exchanged)
            .as("layer %d", l)
            .hasSizeLessThanOrEqualTo(adapters.isEmpty() ? MOST_EXCHANGED : MOST_EXCHANGED_ADAPTED)
            .allMatch(c -> c > LEAST_EXCHANGED_COSINE);
      }
    }
  }

  /** The buffers of a forward pass. */
  private static final class Layer {
    private final Operations ops;
    private final ModelConfig config;
    private final Buffer x;
    private final Buffer normed;
    private final Buffer q;
    private final Buffer attended;
    private final Buffer activated;
    private final Buffer outputs;
    private final List<List<Double>> cosines = new ArrayList<>(); // of rows, by layer

    Layer(Operations ops, ModelConfig config) {
      this.ops = ops;
      this.config = config;
      int pairs = MOST_TOKENS * config.expertsPerToken();
      x = ops.stream(MOST_TOKENS);
      normed = ops.buffer(MOST_TOKENS, config.hiddenSize());
      q = ops.buffer(MOST_TOKENS, config.queryWidth());
      attended = ops.buffer(MOST_TOKENS, config.queryWidth());
      activated = ops.buffer(pairs, config.intermediateSize());
      outputs = ops.buffer(pairs, config.hiddenSize());
      for (int l = 0; l < config.layers(); l++) {
        cosines.add(new ArrayList<>());
      }
    }

    void compare(int[] prompt, int adapter, float[] hidden, int blocks) {
      int tokens = prompt.length;
      int[] table = IntStream.range(0, blocks).toArray();
      ops.begin(
          new Step(
              tokens,
              prompt,
              IntStream.range(0, tokens).toArray(),
              1,
              new int[] {0, tokens},
              BLOCK_TOKENS,
              new int[] {0, blocks},
              table,
              blocks,
              table,
              0,
              new int[0],
              new int[] {adapter}));
      ops.embed(x);
      int elements = tokens * config.hiddenSize();
      for (int l = 0; l < config.layers(); l++) {
        write(hidden, l * elements, elements);
        ops.qkv(l, x, q);
        ops.attention(l, q, attended);
        ops.attentionOutput(l, attended, x);
        ops.route(l, x, normed);
        ops.expertsUp(l, normed, activated);
        ops.expertsDown(l, activated, outputs);
        ops.combine(l, outputs, x);
        Buffer result = x;
        if (l == config.layers() - 1) {
          ops.finalNorm(x, normed); // the reference's last entry is normed
          result = normed;
        }
        collect(l, result, hidden, (l + 1) * elements, tokens);
      }
    }

    private void write(float[] from, int offset, int count) {
      float[] values = Arrays.copyOfRange(from, offset, offset + count);
      CUdeviceptr to = CudaBuffer.of(x).on(0);
      JCudaDriver.cuCtxSynchronize();
      assertThat(JCudaDriver.cuMemcpyHtoD(to, Pointer.to(values), 4L * count)).isZero();
      // From pageable memory it may return early, and the kernels' stream does not wait for it.
      JCudaDriver.cuCtxSynchronize();
    }

    private void collect(int layer, Buffer actual, float[] expected, int offset, int tokens) {
      float[] row = new float[config.hiddenSize()];
      for (int t = 0; t < tokens; t++) {
        ops.read(actual, t, row, 0);
        double dot = 0;
        double own = 0;
        double other = 0;
        for (int i = 0; i < row.length; i++) {
          double value = expected[offset + t * row.length + i];
          dot += row[i] * value;
          own += (double) row[i] * row[i];
          other += value * value;
        }
        cosines.get(layer).add(dot / Math.sqrt(own * other));
      }
    }
  }
}

package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.lora.RandomAdapter;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.SafetensorsWriter;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelMergeTest {
  private static final Path MODELS = Path.of("src/test/resources/goldens/model");
  private static final Path TINY = MODELS.resolve("tiny-mxfp4");
  private static final Path ODD = MODELS.resolve("odd-mxfp4-sharded");

  @TempDir private Path folder;

  /** Each element against the sum in double precision, by PEFT's own indices. */
  @Test
  void elementsAreTheExactSumsRoundedToBfloat16() throws IOException {
    Path output = folder.resolve("merged");
    ModelMerge.write(TINY.toString(), TINY.resolve("lora").toString(), output);
    Map<String, float[]> merged = floats(output);
    Map<String, float[]> base = floats(TINY);
    Map<String, float[]> adapter =
        GoldenModelTest.Golden.floats(TINY.resolve("lora/adapter_model.safetensors"));
    String prefix = "base_model.model.";
    double worst = 0;
    for (int layer = 0; layer < 4; layer++) {
      String q = "model.layers." + layer + ".self_attn.q_proj";
      float[] a = adapter.get(prefix + q + ".lora_A.weight");
      float[] b = adapter.get(prefix + q + ".lora_B.weight");
      for (int out = 0; out < 256; out++) {
        for (int in = 0; in < 128; in++) {
          double sum = base.get(q + ".weight")[out * 128 + in];
          for (int r = 0; r < 4; r++) {
            sum += 2.0 * b[out * 4 + r] * a[r * 128 + in];
          }
          worst = Math.max(worst, error(merged.get(q + ".weight")[out * 128 + in], sum));
        }
      }
    }
    String experts = "model.layers.1.mlp.experts";
    float[] a = adapter.get(prefix + experts + ".base_layer.lora_A.weight"); // [8 * 4, 128]
    float[] b = adapter.get(prefix + experts + ".base_layer.lora_B.weight"); // [256, 4 * 8]
    float[] gateUp = merged.get(experts + ".gate_up_proj"); // [8, 128, 256]
    try (Checkpoint checkpoint = Checkpoint.open(TINY)) {
      // [8, 256, 4, 16] and [8, 256, 4]
      ByteBuffer blocks = tensor(checkpoint, experts + ".gate_up_proj_blocks").map();
      ByteBuffer scales = tensor(checkpoint, experts + ".gate_up_proj_scales").map();
      double[] values = {0, .5, 1, 1.5, 2, 3, 4, 6, 0, -.5, -1, -1.5, -2, -3, -4, -6};
      for (int e = 0; e < 8; e++) {
        for (int in = 0; in < 128; in++) {
          for (int out = 0; out < 256; out++) {
            int block = (e * 256 + out) * 4 + in / 32;
            int codes = blocks.get(block * 16 + in % 32 / 2) & 0xFF;
            double code = values[in % 2 == 0 ? codes % 16 : codes / 16];
            double sum = code * Math.pow(2, (scales.get(block) & 0xFF) - 127);
            for (int r = 0; r < 4; r++) {
              sum += 2.0 * b[out * 32 + r * 8 + e] * a[(e * 4 + r) * 128 + in];
            }
            worst = Math.max(worst, error(gateUp[(e * 128 + in) * 256 + out], sum));
          }
        }
      }
    }
    assertThat(worst).isPositive().isLessThan(1);
  }

  /**
   * How far an element is off, in terms of half a unit in the last of bfloat16's 8 bits and what
   * float32 adds.
   */
  private static double error(float actual, double exact) {
    return Math.abs(actual - exact) / (Math.abs(exact) / 256 * 1.0001 + 1e-7);
  }

  /** Where nothing is rounded to bfloat16, the merged model computes what the adapter adds. */
  @Test
  void aMergedFloat32ModelHasTheLogitsOfModelAndAdapter() throws IOException {
    Path model = asFloat32(MODELS.resolve("tiny-bf16-experts"), folder.resolve("model"));
    Path adapter =
        new RandomAdapter(model, 5, 7, 3)
            .attention()
            .experts(0, 1)
            .size(0.1)
            .write(folder.resolve("adapter"));
    Path output = Files.createDirectory(folder.resolve("merged"));
    ModelMerge.write(model.toString(), adapter.toString(), output);
    int[] tokens = new Random(1).ints(40, 3, 255).toArray();
    List<float[]> merged = logits(config(output).build(), ModelProbe.Prompt.of(tokens));
    Map<String, String> adapters = Map.of("a", adapter.toString());
    List<float[]> applied =
        logits(config(model).loraAdapters(adapters).build(), new ModelProbe.Prompt(tokens, "a"));
    List<float[]> plain = logits(config(model).build(), ModelProbe.Prompt.of(tokens));
    assertThat(difference(merged, applied)).isLessThan(1e-5);
    assertThat(difference(merged, plain)).isGreaterThan(1e-2);
  }

  @Test
  void anAdapterOfAttentionLeavesTheExpertsPacked() throws IOException {
    Path adapter = new RandomAdapter(ODD, 2, 2, 1).attention().write(folder.resolve("adapter"));
    Path output = folder.resolve("merged");
    ModelMerge.write(ODD.toString(), adapter.toString(), output);
    try (Checkpoint base = Checkpoint.open(ODD);
        Checkpoint merged = Checkpoint.open(output)) {
      assertThat(merged.expertFormat()).isEqualTo(ExpertFormat.MXFP4);
      assertThat(merged.warnings()).isEmpty();
      int changed = 0;
      for (StoredTensor tensor : base.tensors()) {
        StoredTensor other = tensor(merged, tensor.name());
        assertThat(other.dtype()).isEqualTo(tensor.dtype());
        boolean isSame = other.map().equals(tensor.map());
        assertThat(isSame).as(tensor.name()).isEqualTo(!tensor.name().endsWith("_proj.weight"));
        changed += isSame ? 0 : 1;
      }
      assertThat(changed).isEqualTo(12);
    }
  }

  @Test
  void anAdapterOfExpertsUnpacksAllOfThem() throws IOException {
    Path adapter = new RandomAdapter(ODD, 2, 2, 1).experts(1).write(folder.resolve("adapter"));
    Path output = folder.resolve("merged");
    ModelMerge.write(ODD.toString(), adapter.toString(), output);
    try (Checkpoint merged = Checkpoint.open(output)) {
      assertThat(merged.expertFormat()).isEqualTo(ExpertFormat.DENSE);
      assertThat(merged.warnings()).isEmpty();
      for (int layer = 0; layer < 3; layer++) {
        StoredTensor down = tensor(merged, "model.layers." + layer + ".mlp.experts.down_proj");
        assertThat(down.dtype()).isEqualTo(DType.BF16);
        assertThat(down.shape()).containsExactly(5, 160, 96);
      }
    }
    assertThat(Files.readString(output.resolve("config.json")))
        .doesNotContain("quantization_config");
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(adapter, output);
    }
  }

  @Test
  void refusesAFolderThatIsInUseAndALayoutWithoutRoom() throws IOException {
    String adapter = TINY.resolve("lora").toString();
    Files.createFile(folder.resolve("something"));
    assertThatThrownBy(() -> ModelMerge.write(TINY.toString(), adapter, folder))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("no empty folder");
    Path output = folder.resolve("merged");
    assertThatThrownBy(() -> ModelMerge.write(TINY.resolve("original").toString(), adapter, output))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("Hugging Face layout");
    assertThatThrownBy(() -> ModelMerge.write(ODD.toString(), adapter, output))
        .isInstanceOf(InvalidModelException.class);
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(1);
    }
  }

  /** What no engine computes with is not merged either, by the same words. */
  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void refusesAnAdapterThatIsNotFinite(double size) throws IOException {
    String adapter =
        new RandomAdapter(ODD, 2, 2, 1)
            .attention()
            .dtype("BF16")
            .size(size)
            .write(folder.resolve("adapter"))
            .toString();
    String message = "lora_A.weight' has a value that is not finite: its training diverged";
    assertThatThrownBy(() -> ModelMerge.write(ODD.toString(), adapter, folder.resolve("merged")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
    EngineConfig config = config(ODD).loraAdapters(Map.of("a", adapter)).build();
    assertThatThrownBy(() -> ModelProbe.open(config))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(1);
    }
  }

  /** Finite numbers whose product is beyond the type that is written. */
  @Test
  void refusesAProductThatOverflows() throws IOException {
    for (String part : List.of("attention", "experts")) {
      RandomAdapter adapter = new RandomAdapter(ODD, 2, 2, 1).size(1e20);
      boolean isExperts = part.equals("experts");
      Path written =
          (isExperts ? adapter.experts(1) : adapter.attention()).write(folder.resolve(part));
      Path output = folder.resolve("merged");
      assertThatThrownBy(() -> ModelMerge.write(ODD.toString(), written.toString(), output))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining(isExperts ? "experts" : "self_attn")
          .hasMessageContaining("lora_A.weight' makes a value of 'model.layers.")
          .hasMessageContaining("does not hold");
      assertThat(output).doesNotExist();
    }
  }

  private static StoredTensor tensor(Checkpoint checkpoint, String name) {
    return checkpoint.tensors().stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, float[]> floats(Path model) {
    Map<String, float[]> floats = new HashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      for (StoredTensor tensor : checkpoint.tensors()) {
        if (tensor.dtype().isFloat()) {
          floats.put(tensor.name(), tensor.toFloats());
        }
      }
    }
    return floats;
  }

  private static Path asFloat32(Path model, Path copy) throws IOException {
    Files.createDirectory(copy);
    Files.copy(model.resolve("config.json"), copy.resolve("config.json"));
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      List<SafetensorsWriter.Entry> entries = new ArrayList<>();
      for (StoredTensor tensor : checkpoint.tensors()) {
        List<Long> shape = new ArrayList<>();
        for (long size : tensor.shape()) {
          shape.add(size);
        }
        entries.add(new SafetensorsWriter.Entry(tensor.name(), DType.F32, shape));
      }
      try (SafetensorsWriter file =
          new SafetensorsWriter(copy.resolve("model.safetensors"), entries)) {
        for (StoredTensor tensor : checkpoint.tensors()) {
          float[] values = tensor.toFloats();
          ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(values);
          file.write(tensor.name(), 0, bytes);
        }
      }
    }
    return copy;
  }

  private static EngineConfig.Builder config(Path model) {
    return EngineConfig.builder(model.toString()).maxModelLen(256).kvCacheBytes(16 << 20);
  }

  private static List<float[]> logits(EngineConfig config, ModelProbe.Prompt prompt) {
    List<float[]> rows = new ArrayList<>();
    try (ModelProbe probe = ModelProbe.open(config)) {
      probe.logits(List.of(prompt), 0, (p, layer, position, row) -> rows.add(row.clone()));
    }
    return rows;
  }

  /** The largest, in terms of the largest logit. */
  private static double difference(List<float[]> some, List<float[]> others) {
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < some.size(); i++) {
      for (int v = 0; v < some.get(i).length; v++) {
        worst = Math.max(worst, Math.abs(some.get(i)[v] - others.get(i)[v]));
        largest = Math.max(largest, Math.abs(some.get(i)[v]));
      }
    }
    return worst / largest;
  }
}

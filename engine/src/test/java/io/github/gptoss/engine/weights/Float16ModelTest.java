package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.ModelProbe;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint saved in float16 computes what the same values saved in float32 compute. */
class Float16ModelTest {
  private static final List<int[]> PROMPTS =
      List.of(new int[] {1, 2, 3}, new int[] {77, 5, 140, 9, 33, 200, 61});

  @TempDir private Path temporary;

  /** The float16 of a value, rounded to nearest, ties to even; not for what overflows. */
  private static short half(float value) {
    int exponent = Math.max(-14, Math.getExponent(value));
    int mantissa = (int) Math.rint(Math.abs(value) / Math.scalb(1.0, exponent - 10));
    return (short) ((((exponent + 15) << 10) + mantissa - 1024) | (value < 0 ? 0x8000 : 0));
  }

  /** What {@link #half} stands for. */
  private static float rounded(float value) {
    double unit = Math.scalb(1.0, Math.max(-14, Math.getExponent(value)) - 10);
    return (float) (Math.rint(value / unit) * unit);
  }

  /** A copy of a golden model with its floating-point tensors in a type. */
  private Path copy(String model, String dtype) throws IOException {
    Path folder = GoldenModels.copy(model, temporary.resolve(model + dtype));
    Path file = folder.resolve("model.safetensors");
    RawSafetensors from = RawSafetensors.read(file);
    RawSafetensors to = RawSafetensors.read(file);
    ByteBuffer data = ByteBuffer.allocate(2 * from.data.length).order(ByteOrder.LITTLE_ENDIAN);
    for (Map.Entry<String, ?> field : List.copyOf(from.header.properties())) {
      String name = field.getKey();
      if (name.equals("__metadata__")) {
        continue;
      }
      int begin = data.position();
      ByteBuffer values =
          ByteBuffer.wrap(from.data, from.begin(name), from.end(name) - from.begin(name))
              .order(ByteOrder.LITTLE_ENDIAN);
      ObjectNode entry = to.entry(name);
      switch (entry.get("dtype").asText()) {
        case "U8" -> data.put(values);
        case "BF16" -> {
          while (values.hasRemaining()) {
            // Times a third, so that bfloat16 does not hold them.
            put(data, Float.intBitsToFloat(values.getShort() << 16) / 3, dtype);
          }
          entry.put("dtype", dtype);
        }
        default -> throw new IllegalStateException(name + " is " + entry);
      }
      to.offsets(name, begin, data.position());
    }
    to.data = Arrays.copyOf(data.array(), data.position());
    to.write(file);
    return folder;
  }

  private static void put(ByteBuffer data, float value, String dtype) {
    if (dtype.equals("F16")) {
      data.putShort(half(value));
    } else {
      data.putFloat(rounded(value));
    }
  }

  private static List<float[]> logits(EngineConfig.Builder config) {
    List<float[]> rows = new ArrayList<>();
    try (ModelProbe probe =
        ModelProbe.open(config.kvCacheBytes(16 << 20).maxModelLen(256).build())) {
      for (int[] prompt : PROMPTS) {
        probe.logits(
            List.of(ModelProbe.Prompt.of(prompt)),
            0,
            (p, layer, position, row) -> rows.add(row.clone()));
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(strings = {GoldenModels.SINGLE, GoldenModels.DENSE})
  void givesTheBitsOfFloat32(String model) throws IOException {
    List<float[]> half = logits(EngineConfig.builder(copy(model, "F16").toString()));
    List<float[]> single = logits(EngineConfig.builder(copy(model, "F32").toString()));
    assertThat(half).hasSize(10).containsExactlyElementsOf(single);
    assertThat(half.get(0)[0]).isNotEqualTo(half.get(0)[1]);
  }

  @Test
  void givesTheBitsOfFloat32OnAGpuToo() throws IOException {
    GpuTests.start(EmulatedMachine.fast());
    List<float[]> half =
        logits(EngineConfig.builder(copy(GoldenModels.DENSE, "F16").toString()).backend("cuda"));
    List<float[]> single =
        logits(EngineConfig.builder(copy(GoldenModels.DENSE, "F32").toString()).backend("cuda"));
    assertThat(half).hasSize(10).containsExactlyElementsOf(single);
  }

  @Test
  void refusesWhatOverflowed() throws IOException {
    Path folder = copy(GoldenModels.DENSE, "F16");
    Path file = folder.resolve("model.safetensors");
    RawSafetensors raw = RawSafetensors.read(file);
    String name = "model.layers.1.self_attn.o_proj.weight";
    raw.data[raw.begin(name)] = 0;
    raw.data[raw.begin(name) + 1] = 0x7C;
    raw.write(file);
    assertThatThrownBy(() -> logits(EngineConfig.builder(folder.toString())))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("float16 overflowed");
  }
}

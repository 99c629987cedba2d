package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits and hidden states of the golden models against transformers in float32. */
public class GoldenModelTest {
  private static final double TOLERANCE = 2e-4;
  private static final double LONG_TOLERANCE = 1e-3;
  private static final int LONG_TOKENS = 4_096;

  @ParameterizedTest
  @ValueSource(
      strings = {"tiny-mxfp4", "tiny-mxfp4/original", "odd-mxfp4-sharded", "tiny-bf16-experts"})
  void logitsMatchTheReference(String name) throws IOException {
    Golden golden = Golden.read(name);
    Map<String, Double> worst = new HashMap<>();
    try (ModelProbe probe =
        ModelProbe.open(EngineConfig.builder(golden.folder.toString()).build())) {
      for (int i = 0; i < golden.prompts.size(); i++) {
        float[] expected = golden.tensor("prompt" + i + ".logits");
        int vocab = probe.info().vocabSize();
        int rows = expected.length / vocab;
        int length = golden.prompts.get(i).length;
        double[] difference = new double[1];
        double scale = largest(expected);
        int[] seen = new int[1];
        probe.logits(
            List.of(ModelProbe.Prompt.of(golden.prompts.get(i))),
            rows,
            (prompt, layer, position, row) -> {
              int from = (position - (length - rows)) * vocab;
              for (int v = 0; v < vocab; v++) {
                difference[0] = Math.max(difference[0], Math.abs(row[v] - expected[from + v]));
              }
              seen[0]++;
            });
        assertThat(seen[0]).isEqualTo(rows);
        worst.put(name + " prompt " + i + " of " + length, difference[0] / scale);
        assertThat(difference[0] / scale)
            .as("%s prompt %d of %d tokens", name, i, length)
            .isLessThan(length > LONG_TOKENS ? LONG_TOLERANCE : TOLERANCE);
      }
    }
    System.out.println(worst);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tiny-mxfp4", "tiny-mxfp4/original", "odd-mxfp4-sharded", "tiny-bf16-experts"})
  void hiddenStatesMatchTheReference(String name) throws IOException {
    Golden golden = Golden.read(name);
    try (ModelProbe probe =
        ModelProbe.open(EngineConfig.builder(golden.folder.toString()).build())) {
      int compared = 0;
      for (int i = 0; i < golden.prompts.size(); i++) {
        float[] expected = golden.tensorOrNull("prompt" + i + ".hidden");
        if (expected == null) {
          continue;
        }
        compared++;
        int length = golden.prompts.get(i).length;
        int hidden = probe.hiddenSize();
        float[] actual = new float[(probe.layers() + 1) * length * hidden];
        probe.hidden(
            List.of(ModelProbe.Prompt.of(golden.prompts.get(i))),
            (prompt, layer, position, row) ->
                System.arraycopy(row, 0, actual, (layer * length + position) * hidden, hidden));
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        for (int j = 0; j < actual.length; j++) {
          difference = Math.max(difference, Math.abs(actual[j] - expected[j]));
        }
        assertThat(difference / largest(expected))
            .as("%s prompt %d", name, i)
            .isLessThan(TOLERANCE);
      }
      assertThat(compared).isPositive();
    }
  }

  static double largest(float[] values) {
    double largest = 0;
    for (float v : values) {
      largest = Math.max(largest, Math.abs(v));
    }
    return largest;
  }

  /** A golden model's folder and what transformers computed for it. */
  public record Golden(
      Path folder, List<int[]> prompts, List<JsonNode> cases, Map<String, float[]> tensors) {
    public static Golden read(String name) throws IOException {
      Path root = Path.of("src/test/resources/goldens/model");
      Path reference = root.resolve(name.replace("/original", ""));
      JsonNode json = new ObjectMapper().readTree(reference.resolve("expected.json").toFile());
      List<int[]> prompts = new ArrayList<>();
      List<JsonNode> cases = new ArrayList<>();
      for (JsonNode entry : json.get("prompts")) {
        cases.add(entry);
        int[] ids = new int[entry.get("prompt").size()];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = entry.get("prompt").get(i).intValue();
        }
        prompts.add(ids);
      }
      return new Golden(
          root.resolve(name), prompts, cases, floats(reference.resolve("expected.safetensors")));
    }

    static Map<String, float[]> floats(Path file) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int headerBytes = Math.toIntExact(bytes.getLong(0));
      JsonNode header =
          new ObjectMapper()
              .readTree(new String(bytes.array(), 8, headerBytes, StandardCharsets.UTF_8));
      Map<String, float[]> tensors = new HashMap<>();
      header
          .fields()
          .forEachRemaining(
              field -> {
                if (!field.getKey().equals("__metadata__")) {
                  int from = field.getValue().get("data_offsets").get(0).intValue();
                  int to = field.getValue().get("data_offsets").get(1).intValue();
                  float[] values = new float[(to - from) / Float.BYTES];
                  bytes
                      .slice(8 + headerBytes + from, to - from)
                      .order(ByteOrder.LITTLE_ENDIAN)
                      .asFloatBuffer()
                      .get(values);
                  tensors.put(field.getKey(), values);
                }
              });
      return tensors;
    }

    float[] tensor(String name) {
      return Objects.requireNonNull(tensors.get(name), name);
    }

    public float[] tensorOrNull(String name) {
      return tensors.get(name);
    }
  }
}

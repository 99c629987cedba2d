package io.github.gptoss.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages copies of reference checkpoints and expects, for every kind of damage, one line that says
 * the parts given with it.
 */
abstract class DamageCases {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  static final String CONFIG = "config.json";
  static final String SHARD_0 = "model-00000-of-00002.safetensors";
  static final String SHARD_1 = "model-00001-of-00002.safetensors";
  static final String Q = "model.layers.1.self_attn.q_proj.weight";
  static final String SINKS = "model.layers.2.self_attn.sinks";
  static final String BLOCKS = "model.layers.1.mlp.experts.down_proj_blocks";
  static final String SCALES = "model.layers.1.mlp.experts.down_proj_scales";

  @TempDir Path temp;

  private final List<DynamicTest> tests = new ArrayList<>();

  /** Changes a copy of a checkpoint. */
  interface Damage {
    void to(Path folder) throws IOException;
  }

  /** Changes the text of a file. */
  interface TextChange {
    String of(String text);
  }

  /** Calls {@link #damage} and its kin for every kind. */
  abstract void cases();

  @TestFactory
  Stream<DynamicTest> namesFileProblemAndWayOut() {
    cases();
    return tests.stream();
  }

  void damage(String kind, String model, Damage damage, String... parts) {
    tests.add(
        DynamicTest.dynamicTest(
            kind,
            () -> {
              Path folder = GoldenModels.copy(model, temp.resolve("case-" + kind.hashCode()));
              damage.to(folder);
              Throwable thrown =
                  catchThrowable(
                      () -> {
                        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                          checkpoint.verifyScales();
                        }
                      });
              assertThat(thrown).isInstanceOf(InvalidModelException.class);
              assertThat(thrown)
                  .message()
                  .startsWith(folder.toString())
                  .contains(parts)
                  .doesNotContain("Stream", "Feature", "jackson")
                  .doesNotContain("\n")
                  .endsWith(".")
                  .hasSizeLessThan(900);
            }));
  }

  void only(String kind, String fileName, String... parts) {
    damage(
        kind,
        GoldenModels.SINGLE,
        dir -> {
          empty(dir);
          Files.writeString(dir.resolve(fileName), "x");
        },
        parts);
  }

  void configText(String kind, TextChange change, String... parts) {
    configText(kind, CONFIG, change, parts);
  }

  void configText(String kind, String fileName, TextChange change, String... parts) {
    damage(
        kind,
        GoldenModels.SINGLE,
        dir -> {
          Path file = dir.resolve(fileName);
          Files.writeString(file, change.of(Files.exists(file) ? Files.readString(file) : ""));
        },
        parts);
  }

  void config(String kind, Consumer<ObjectNode> change, String... parts) {
    damage("config: " + kind, GoldenModels.SINGLE, dir -> changeConfig(dir, change), parts);
  }

  static void changeConfig(Path dir, Consumer<ObjectNode> change) throws IOException {
    Path file = dir.resolve(CONFIG);
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(file));
    change.accept(config);
    // Python writes NaN as a bare word, Jackson in quotes.
    Files.writeString(
        file, JSON.writeValueAsString(config).replaceAll(":\"(NaN|Infinity)\"", ":$1"));
  }

  void length(String kind, long headerBytes, String... parts) {
    damage(
        kind,
        GoldenModels.SINGLE,
        dir -> {
          Path file = dir.resolve(WEIGHTS);
          byte[] bytes = Files.readAllBytes(file);
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(headerBytes);
          Files.write(file, bytes);
        },
        parts);
  }

  void header(String kind, TextChange change, String... parts) {
    damage(
        kind,
        GoldenModels.SINGLE,
        dir -> RawSafetensors.read(dir.resolve(WEIGHTS)).write(dir.resolve(WEIGHTS), change::of),
        parts);
  }

  void tensor(String kind, Consumer<RawSafetensors> change, String... parts) {
    damage(
        "tensor: " + kind, GoldenModels.SINGLE, dir -> change(dir.resolve(WEIGHTS), change), parts);
  }

  static void change(Path file, Consumer<RawSafetensors> change) throws IOException {
    RawSafetensors raw = RawSafetensors.read(file);
    change.accept(raw);
    raw.write(file);
  }

  void index(String kind, Consumer<ObjectNode> change, String... parts) {
    damage("index: " + kind, GoldenModels.SHARDED, dir -> changeIndex(dir, change), parts);
  }

  static void changeIndex(Path dir, Consumer<ObjectNode> change) throws IOException {
    JsonNode index = JSON.readTree(Files.readString(dir.resolve(INDEX)));
    change.accept((ObjectNode) index.get("weight_map"));
    Files.writeString(dir.resolve(INDEX), JSON.writeValueAsString(index));
  }

  /** Another shape of the same size. */
  static void reshape(RawSafetensors raw, String tensor) {
    long elements = 1;
    for (JsonNode size : raw.entry(tensor).get("shape")) {
      elements *= size.longValue();
    }
    raw.shape(tensor, 2, elements / 2);
  }

  /** An integer type of the same width. */
  static void retype(RawSafetensors raw, String tensor) {
    boolean isByte = raw.entry(tensor).get("dtype").textValue().equals("U8");
    raw.entry(tensor).put("dtype", isByte ? "I8" : "I16");
  }

  static String manyTensors() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < 100_001; i++) {
      text.append(i == 0 ? "" : ",")
          .append("\"t" + i + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    return text.append("}").toString();
  }

  static void start(Path dir, String magic) throws IOException {
    byte[] bytes = Files.readAllBytes(dir.resolve(WEIGHTS));
    byte[] first = magic.getBytes(UTF_8);
    System.arraycopy(first, 0, bytes, 0, first.length);
    Files.write(dir.resolve(WEIGHTS), bytes);
  }

  static void resize(Path file, int by) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length + by));
  }

  static void empty(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  static void deleteAll(Path dir) throws IOException {
    empty(dir);
    Files.delete(dir);
  }
}

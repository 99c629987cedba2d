package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "tiny-mxfp4, HUGGING_FACE, MXFP4, 1",
    "tiny-mxfp4/original, ORIGINAL, MXFP4, 1",
    "odd-mxfp4-sharded, HUGGING_FACE_SHARDED, MXFP4, 3",
    "tiny-bf16-experts, HUGGING_FACE, DENSE, 1"
  })
  void opensEveryLayout(String name, Layout layout, ExpertFormat format, int files)
      throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(GoldenModels.path(name))) {
      checkpoint.verifyScales();

      assertThat(checkpoint.layout()).isEqualTo(layout);
      assertThat(checkpoint.expertFormat()).isEqualTo(format);
      assertThat(checkpoint.warnings()).isEmpty();
      assertThat(checkpoint.inspect().files()).isEqualTo(files);
      long bytes = 0;
      try (var paths = Files.newDirectoryStream(GoldenModels.path(name), "model*.safetensors")) {
        for (Path path : paths) {
          bytes += Files.size(path);
        }
      }
      assertThat(checkpoint.bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void bothLayoutsShowTheSameWeights() {
    try (Checkpoint huggingFace = Checkpoint.open(GoldenModels.path(GoldenModels.SINGLE));
        Checkpoint original = Checkpoint.open(GoldenModels.path(GoldenModels.ORIGINAL))) {
      Map<String, StoredTensor> expected = byRole(huggingFace);
      Map<String, StoredTensor> actual = byRole(original);

      assertThat(actual).hasSize(3 + 4 * 19);
      actual.forEach(
          (role, tensor) -> {
            assertThat(tensor.shape()).as(role).isEqualTo(expected.get(role).shape());
            assertThat(tensor.dtype()).as(role).isEqualTo(expected.get(role).dtype());
            assertThat(bytes(tensor)).as(role).isEqualTo(bytes(expected.get(role)));
          });
    }
  }

  @Test
  void bothLayoutsShowTheSameConfiguration() {
    try (Checkpoint huggingFace = Checkpoint.open(GoldenModels.path(GoldenModels.SINGLE));
        Checkpoint original = Checkpoint.open(GoldenModels.path(GoldenModels.ORIGINAL))) {
      assertThat(original.config())
          .usingRecursiveComparison()
          .ignoringFields("eosTokenIds", "padTokenId")
          .isEqualTo(huggingFace.config());
      assertThat(original.config().eosTokenIds()).isEmpty();
      assertThat(original.config().padTokenId()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-mxfp4", "odd-mxfp4-sharded", "tiny-bf16-experts"})
  void tensorsHoldTheBytesOfTheirFile(String name) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(GoldenModels.path(name))) {
      for (StoredTensor tensor : checkpoint.tensors()) {
        RawSafetensors raw = RawSafetensors.read(tensor.file());
        byte[] expected =
            Arrays.copyOfRange(raw.data, raw.begin(tensor.name()), raw.end(tensor.name()));
        assertThat(bytes(tensor)).as(tensor.name()).isEqualTo(expected);
      }
    }
  }

  @Test
  void expertMatricesKnowTheirLogicalShape() {
    try (Checkpoint mxfp4 = Checkpoint.open(GoldenModels.path(GoldenModels.SHARDED));
        Checkpoint dense = Checkpoint.open(GoldenModels.path(GoldenModels.DENSE))) {
      ExpertMatrix gateUp = mxfp4.layer(2).gateUp();
      assertThat(List.of(gateUp.experts(), gateUp.rows(), gateUp.cols()))
          .containsExactly(5, 320, 96);
      ExpertMatrix down = mxfp4.layer(2).down();
      assertThat(List.of(down.experts(), down.rows(), down.cols())).containsExactly(5, 96, 160);
      assertThat(down.bytes()).isEqualTo(5 * 96 * 160 / 32 * 17);
      ExpertMatrix denseDown = dense.layer(1).down();
      assertThat(List.of(denseDown.experts(), denseDown.rows(), denseDown.cols()))
          .containsExactly(4, 64, 96);
    }
  }

  @Test
  void inspectionCountsParametersAndListsTensors() {
    try (Checkpoint checkpoint = Checkpoint.open(GoldenModels.path(GoldenModels.DENSE))) {
      Inspection inspection = checkpoint.inspect();

      long elements = checkpoint.tensors().stream().mapToLong(StoredTensor::elements).sum();
      assertThat(inspection.parameters()).isEqualTo(elements);
      assertThat(inspection.tensors()).hasSize(checkpoint.tensors().size());
      assertThat(inspection.tensors())
          .contains(new TensorInfo("lm_head.weight", "BF16", List.of(256L, 64L), 32_768, WEIGHTS));
      assertThat(inspection.config().attention())
          .containsExactly(AttentionKind.WINDOW, AttentionKind.FULL);
    }
  }

  @Test
  void inspectionOfMxfp4CountsCodesNotBytes() {
    try (Checkpoint checkpoint = Checkpoint.open(GoldenModels.path(GoldenModels.SINGLE))) {
      long expected = 0;
      for (StoredTensor tensor : checkpoint.tensors()) {
        expected +=
            tensor.name().endsWith("_scales")
                ? 0
                : tensor.name().endsWith("_blocks") ? 2 * tensor.bytes() : tensor.elements();
      }
      assertThat(checkpoint.inspect().parameters()).isEqualTo(expected);
    }
  }

  @Test
  void ignoresUnknownTensorsWithAWarning() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    RawSafetensors raw = RawSafetensors.read(folder.resolve(WEIGHTS));
    raw.append("model.layers.9.rotary.inv_freq", "F64", 8);
    raw.write(folder.resolve(WEIGHTS));

    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.warnings())
          .singleElement()
          .asString()
          .contains("ignores 1 tensor", "'model.layers.9.rotary.inv_freq'");
    }
  }

  @Test
  void tensorsDecideAboutQuantisation() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.DENSE, temp.resolve("dense"));
    changeConfig(folder, c -> c.putObject("quantization_config").put("quant_method", "mxfp4"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.expertFormat()).isEqualTo(ExpertFormat.DENSE);
      assertThat(checkpoint.warnings()).singleElement().asString().contains("quantization_config");
    }

    Path quantised = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("mxfp4"));
    changeConfig(quantised, c -> c.remove("quantization_config"));
    try (Checkpoint checkpoint = Checkpoint.open(quantised)) {
      assertThat(checkpoint.expertFormat()).isEqualTo(ExpertFormat.MXFP4);
      assertThat(checkpoint.warnings()).singleElement().asString().contains("quantization_config");
    }
  }

  @Test
  void acceptsNormsInFloat32() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    RawSafetensors raw = RawSafetensors.read(folder.resolve(WEIGHTS));
    raw.remove("model.norm.weight");
    raw.append("model.norm.weight", "F32", 4 * 128, 128);
    raw.write(folder.resolve(WEIGHTS));

    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.finalNorm().toFloats()).hasSize(128).containsOnly(0f);
    }
  }

  @Test
  void readsOriginalShardsWithoutAnIndex() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.ORIGINAL, temp.resolve("m"));
    Path whole = folder.resolve(WEIGHTS);
    RawSafetensors first = RawSafetensors.read(whole);
    RawSafetensors second = RawSafetensors.read(whole);
    List<String> names = new ArrayList<>();
    first.header.fieldNames().forEachRemaining(names::add);
    for (int i = 0; i < names.size(); i++) {
      (i % 2 == 0 ? first : second).remove(names.get(i));
    }
    first.write(folder.resolve("model--00001-of-00002.safetensors"));
    second.write(folder.resolve("model--00002-of-00002.safetensors"));
    Files.delete(whole);

    try (Checkpoint split = Checkpoint.open(folder);
        Checkpoint original = Checkpoint.open(GoldenModels.path(GoldenModels.ORIGINAL))) {
      Map<String, StoredTensor> expected = byRole(original);
      byRole(split)
          .forEach(
              (role, tensor) ->
                  assertThat(bytes(tensor)).as(role).isEqualTo(bytes(expected.get(role))));
    }
  }

  @Test
  void followsLinksAsTheHubsCacheHasThem() throws IOException {
    Path blobs = GoldenModels.copy(GoldenModels.SHARDED, temp.resolve("blobs"));
    Path snapshot = Files.createDirectories(temp.resolve("snapshots/abc"));
    try (var files = Files.newDirectoryStream(blobs)) {
      for (Path file : files) {
        Files.createSymbolicLink(
            snapshot.resolve(file.getFileName()),
            Path.of("../../blobs").resolve(file.getFileName()));
      }
    }
    try (Checkpoint checkpoint = Checkpoint.open(snapshot)) {
      assertThat(checkpoint.layout()).isEqualTo(Layout.HUGGING_FACE_SHARDED);
    }
  }

  @Test
  void usesTheOuterFilesOfAFolderThatAlsoHoldsOriginal() {
    GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    GoldenModels.copy(GoldenModels.ORIGINAL, temp.resolve("m/original"));
    try (Checkpoint checkpoint = Checkpoint.open(temp.resolve("m"))) {
      assertThat(checkpoint.layout()).isEqualTo(Layout.HUGGING_FACE);
    }
  }

  @Test
  void acceptsAnIndexThatNamesTheSingleFile() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    ObjectNode index = JSON.createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    RawSafetensors.read(folder.resolve(WEIGHTS))
        .header
        .fieldNames()
        .forEachRemaining(name -> map.put(name, WEIGHTS));
    map.remove("__metadata__");
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());

    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.tensors()).hasSize(map.size());
    }
  }

  @Test
  void noticesAFileThatChangedSinceItWasOpened() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      Files.setLastModifiedTime(folder.resolve(WEIGHTS), FileTime.fromMillis(1_000));
      assertThatThrownBy(checkpoint::verifyScales)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("changed while it was in use");
    }
  }

  @Test
  void noticesAFileThatWasRemovedSinceItWasOpened() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      Files.delete(folder.resolve(WEIGHTS));
      assertThatThrownBy(() -> checkpoint.finalNorm().toFloats())
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("was removed while it was in use");
    }
  }

  @Test
  void mapsNothingAfterClose() {
    Checkpoint checkpoint = Checkpoint.open(GoldenModels.path(GoldenModels.SINGLE));
    checkpoint.close();
    assertThatThrownBy(() -> checkpoint.embedding().map())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void namesAFileThatMayNotBeRead() throws IOException {
    Path folder = GoldenModels.copy(GoldenModels.SINGLE, temp.resolve("m"));
    Path file = folder.resolve(WEIGHTS);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "this user may read everything");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("permission denied");
  }

  private interface ConfigChange {
    void to(ObjectNode config);
  }

  private static void changeConfig(Path folder, ConfigChange change) throws IOException {
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(file));
    change.to(config);
    Files.writeString(file, config.toString());
  }

  private static byte[] bytes(StoredTensor tensor) {
    ByteBuffer mapped = tensor.map();
    byte[] bytes = new byte[mapped.remaining()];
    mapped.get(bytes);
    return bytes;
  }

  private static Map<String, StoredTensor> byRole(Checkpoint checkpoint) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("embedding", checkpoint.embedding());
    tensors.put("unembedding", checkpoint.unembedding());
    tensors.put("finalNorm", checkpoint.finalNorm());
    for (int i = 0; i < checkpoint.config().layers(); i++) {
      LayerWeights layer = checkpoint.layer(i);
      String at = " of layer " + i;
      tensors.put("attentionNorm" + at, layer.attentionNorm());
      tensors.put("q" + at, layer.q());
      tensors.put("qBias" + at, layer.qBias());
      tensors.put("k" + at, layer.k());
      tensors.put("kBias" + at, layer.kBias());
      tensors.put("v" + at, layer.v());
      tensors.put("vBias" + at, layer.vBias());
      tensors.put("o" + at, layer.o());
      tensors.put("oBias" + at, layer.oBias());
      tensors.put("sinks" + at, layer.sinks());
      tensors.put("mlpNorm" + at, layer.mlpNorm());
      tensors.put("router" + at, layer.router());
      tensors.put("routerBias" + at, layer.routerBias());
      tensors.put("gateUp blocks" + at, ((Mxfp4Experts) layer.gateUp()).blocks());
      tensors.put("gateUp scales" + at, ((Mxfp4Experts) layer.gateUp()).scales());
      tensors.put("gateUpBias" + at, layer.gateUpBias());
      tensors.put("down blocks" + at, ((Mxfp4Experts) layer.down()).blocks());
      tensors.put("down scales" + at, ((Mxfp4Experts) layer.down()).scales());
      tensors.put("downBias" + at, layer.downBias());
    }
    return tensors;
  }
}

package io.github.gptoss.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.ParsedConfig;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.Sha256;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A gpt-oss checkpoint on disk, checked down to every tensor's type, shape and place; the tensors'
 * bytes are not read. All layouts look alike from here. Safe for use by several threads.
 */
public final class Checkpoint implements AutoCloseable {
  private final Path folder;
  private final Layout layout;
  private final ExpertFormat expertFormat;
  private final ModelConfig config;
  private final List<SafetensorsFile> files;
  private final List<String> warnings;
  private final String fingerprint;
  private final StoredTensor embedding;
  private final StoredTensor unembedding;
  private final StoredTensor finalNorm;
  private final List<LayerWeights> layers;

  private Checkpoint(
      CheckpointFolder folder,
      ParsedConfig parsed,
      List<SafetensorsFile> files,
      String fingerprint) {
    this.folder = folder.path();
    this.config = parsed.model();
    this.files = files;
    this.fingerprint = fingerprint;
    TensorCatalog catalog = TensorCatalog.of(folder.path(), folder.configFile(), files);
    WeightsReader reader = new WeightsReader(catalog, config, folder.configFile(), parsed.mxfp4());
    embedding = reader.embedding();
    unembedding = reader.unembedding();
    finalNorm = reader.finalNorm();
    layers = reader.layers();
    expertFormat = reader.format();
    layout =
        catalog.naming() == Naming.ORIGINAL
            ? Layout.ORIGINAL
            : folder.has(CheckpointFolder.INDEX)
                ? Layout.HUGGING_FACE_SHARDED
                : Layout.HUGGING_FACE;
    warnings = warnings(folder, parsed, catalog.unknown());
  }

  /**
   * Opens the checkpoint in a folder and checks everything that headers and configuration tell.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException if there is no checkpoint, or one
   *     that is damaged, contradicts itself or is not of a gpt-oss model
   */
  public static Checkpoint open(Path dir) {
    CheckpointFolder folder = CheckpointFolder.survey(dir);
    byte[] configJson = folder.configJson();
    ParsedConfig parsed = folder.config(configJson);
    List<SafetensorsFile> files = Shards.read(folder, parsed.openAi());
    return new Checkpoint(folder, parsed, files, fingerprint(configJson, files));
  }

  public Path folder() {
    return folder;
  }

  public Layout layout() {
    return layout;
  }

  public ExpertFormat expertFormat() {
    return expertFormat;
  }

  public ModelConfig config() {
    return config;
  }

  /** All tensors, also those that the model does not use, by file and by place in it. */
  public List<StoredTensor> tensors() {
    return files.stream().flatMap(file -> file.tensors().stream()).toList();
  }

  /** Bytes of all files that hold tensors. */
  public long bytes() {
    return files.stream().mapToLong(SafetensorsFile::bytes).sum();
  }

  /**
   * SHA-256 of config.json and of all headers, hexadecimal. It tells layouts, shapes and settings
   * apart, not two trainings of one model: the weights themselves are not read.
   */
  public String fingerprint() {
    return fingerprint;
  }

  /** What is odd but does no harm, a line each. */
  public List<String> warnings() {
    return warnings;
  }

  /** [vocab, hidden]. */
  public StoredTensor embedding() {
    return embedding;
  }

  /** [vocab, hidden]. */
  public StoredTensor unembedding() {
    return unembedding;
  }

  /** [hidden]. */
  public StoredTensor finalNorm() {
    return finalNorm;
  }

  public LayerWeights layer(int index) {
    return layers.get(index);
  }

  /**
   * Reads all MXFP4 scales once, looking for 255, the code of NaN. Call it before work: one such
   * scale spoils every result without an error.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException naming tensor, expert, row and
   *     block
   */
  public void verifyScales() {
    ScaleCheck.check(
        layers.stream()
            .flatMap(layer -> Stream.of(layer.gateUp(), layer.down()))
            .filter(Mxfp4Experts.class::isInstance)
            .map(matrix -> ((Mxfp4Experts) matrix).scales())
            .toList());
  }

  public Inspection inspect() {
    return new Inspection(
        folder.toString(),
        layout,
        expertFormat,
        fingerprint,
        files.size(),
        bytes(),
        parameters(),
        config,
        tensors().stream().map(TensorInfo::of).toList(),
        warnings);
  }

  private long parameters() {
    long shared = embedding.elements() + unembedding.elements() + finalNorm.elements();
    return shared + layers.stream().mapToLong(Checkpoint::parameters).sum();
  }

  private static long parameters(LayerWeights layer) {
    long floating =
        Stream.of(
                layer.attentionNorm(),
                layer.q(),
                layer.qBias(),
                layer.k(),
                layer.kBias(),
                layer.v(),
                layer.vBias(),
                layer.o(),
                layer.oBias(),
                layer.sinks(),
                layer.mlpNorm(),
                layer.router(),
                layer.routerBias(),
                layer.gateUpBias(),
                layer.downBias())
            .mapToLong(StoredTensor::elements)
            .sum();
    return floating + parameters(layer.gateUp()) + parameters(layer.down());
  }

  private static long parameters(ExpertMatrix matrix) {
    return (long) matrix.experts() * matrix.rows() * matrix.cols();
  }

  /** Ends all reading and mapping through this checkpoint's tensors; what is mapped stays valid. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  private List<String> warnings(
      CheckpointFolder folder, ParsedConfig parsed, List<StoredTensor> unknown) {
    List<String> lines = new ArrayList<>(parsed.warnings());
    if (parsed.mxfp4() != (expertFormat == ExpertFormat.MXFP4)) {
      lines.add(CheckpointWarnings.quantization(folder.configFile(), expertFormat));
    }
    if (!unknown.isEmpty()) {
      lines.add(CheckpointWarnings.unknownTensors(folder.path(), unknown));
    }
    return List.copyOf(lines);
  }

  /** Free of paths, so that copies of a checkpoint agree. */
  private static String fingerprint(byte[] configJson, List<SafetensorsFile> files) {
    MessageDigest sha256 = Sha256.digest();
    sha256.update(Sha256.digest().digest(configJson));
    for (SafetensorsFile file : files) {
      sha256.update(file.path().getFileName().toString().getBytes(UTF_8));
      sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(0, file.bytes()));
      sha256.update(file.headerSha256());
    }
    return HexFormat.of().formatHex(sha256.digest());
  }
}

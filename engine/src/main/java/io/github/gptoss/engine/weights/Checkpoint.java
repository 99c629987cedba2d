package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.ParsedConfig;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A gpt-oss checkpoint on disk, checked down to every tensor's type, shape and place; opening it
 * does not read the tensors' bytes. All layouts look alike from here. Safe for use by several
 * threads.
 */
public final class Checkpoint implements AutoCloseable {
  private final CheckpointFolder folder;
  private final byte[] configJson;
  private final Layout layout;
  private final ExpertFormat expertFormat;
  private final ModelConfig config;
  private final List<SafetensorsFile> files;
  private final List<String> warnings;
  private final StoredTensor embedding;
  private final StoredTensor unembedding;
  private final StoredTensor finalNorm;
  private final List<LayerWeights> layers;
  private final long parameters;

  private Checkpoint(
      CheckpointFolder folder, byte[] configJson, ParsedConfig parsed, Shards shards) {
    this.folder = folder;
    this.configJson = configJson;
    this.config = parsed.model();
    this.files = shards.files();
    TensorCatalog catalog = TensorCatalog.of(folder.path(), folder.configFile(), shards);
    WeightsReader reader = new WeightsReader(catalog, config, folder.configFile(), parsed.mxfp4());
    embedding = reader.embedding();
    unembedding = reader.unembedding();
    finalNorm = reader.finalNorm();
    layers = reader.layers();
    shards.requireConsistent();
    parameters = catalog.parameters();
    expertFormat = reader.format();
    layout =
        catalog.naming() == Naming.ORIGINAL
            ? Layout.ORIGINAL
            : folder.has(CheckpointFolder.INDEX)
                ? Layout.HUGGING_FACE_SHARDED
                : Layout.HUGGING_FACE;
    warnings = warnings(parsed, catalog.unknown());
  }

  /**
   * Opens the checkpoint in a folder and checks everything that headers and configuration tell.
   * Fails if there is none, or one that is damaged, contradicts itself or is not of a gpt-oss
   * model.
   */
  public static Checkpoint open(Path dir) {
    CheckpointFolder folder = CheckpointFolder.survey(dir);
    byte[] configJson = folder.configJson();
    ParsedConfig parsed = folder.config(configJson);
    return new Checkpoint(folder, configJson, parsed, new Shards(folder, parsed.openAi()));
  }

  public Path folder() {
    return folder.path();
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
   * SHA-256 in hexadecimal of configuration, headers and samples of the weights, which it reads;
   * what it sees and what not, {@link io.github.gptoss.engine.ModelFingerprint} says.
   */
  public String fingerprint() {
    return Fingerprint.of(folder, configJson, files);
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
   * Reads all MXFP4 scales once, looking for 255, the code of NaN: one spoils every result without
   * an error. Call it before work; it fails with tensor, expert, row and block.
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
        folder.path().toString(),
        layout,
        expertFormat,
        fingerprint(),
        files.size(),
        bytes(),
        parameters,
        config,
        tensors().stream().map(TensorInfo::of).toList(),
        warnings);
  }

  /** Ends all reading and mapping through this checkpoint's tensors; what is mapped stays valid. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  private List<String> warnings(ParsedConfig parsed, List<StoredTensor> unknown) {
    List<String> lines = new ArrayList<>(parsed.warnings());
    if (parsed.mxfp4() != (expertFormat == ExpertFormat.MXFP4)) {
      lines.add(CheckpointWarnings.quantization(folder.configFile(), expertFormat));
    }
    if (!unknown.isEmpty()) {
      lines.add(CheckpointWarnings.unknownTensors(folder.path(), unknown));
    }
    return List.copyOf(lines);
  }
}

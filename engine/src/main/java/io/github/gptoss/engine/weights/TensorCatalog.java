package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All tensors of a checkpoint by what they are for; hands out each with its type and shape checked.
 */
final class TensorCatalog {
  private final Path folder;
  private final Path configFile;
  private final Naming naming;
  private final Map<String, StoredTensor> byName;

  private TensorCatalog(
      Path folder, Path configFile, Naming naming, Map<String, StoredTensor> byName) {
    this.folder = folder;
    this.configFile = configFile;
    this.naming = naming;
    this.byName = byName;
  }

  static TensorCatalog of(Path folder, Path configFile, List<SafetensorsFile> files) {
    Map<String, StoredTensor> byName = new LinkedHashMap<>();
    for (SafetensorsFile file : files) {
      file.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    }
    return new TensorCatalog(folder, configFile, naming(folder, byName), byName);
  }

  private static Naming naming(Path folder, Map<String, StoredTensor> byName) {
    long huggingFace = known(Naming.HUGGING_FACE, byName);
    long original = known(Naming.ORIGINAL, byName);
    if (huggingFace == 0 && original == 0) {
      throw CheckpointErrors.foreignTensors(folder, byName.keySet());
    }
    return huggingFace >= original ? Naming.HUGGING_FACE : Naming.ORIGINAL;
  }

  private static long known(Naming naming, Map<String, StoredTensor> byName) {
    return byName.keySet().stream().filter(name -> naming.place(name).isPresent()).count();
  }

  Naming naming() {
    return naming;
  }

  /** One more than the highest layer that a known tensor belongs to. */
  int layers() {
    return byName.keySet().stream()
        .map(naming::place)
        .flatMap(Optional::stream)
        .filter(place -> place.role().inLayer())
        .mapToInt(place -> place.layer() + 1)
        .max()
        .orElse(0);
  }

  /** Tensors that a gpt-oss model does not have. */
  List<StoredTensor> unknown() {
    return byName.values().stream()
        .filter(tensor -> naming.place(tensor.name()).isEmpty())
        .toList();
  }

  boolean has(TensorRole role, int layer) {
    return naming.has(role) && byName.containsKey(naming.name(role, layer));
  }

  /** A tensor of bf16 or f32, which is what gpt-oss is saved in, in the given shape. */
  StoredTensor floating(TensorRole role, int layer, Dim... shape) {
    StoredTensor tensor = require(role, layer, shape);
    if (tensor.dtype() != DType.BF16 && tensor.dtype() != DType.F32) {
      throw CheckpointErrors.dtype(tensor, "BF16 or F32");
    }
    return checkShape(tensor, shape);
  }

  /** A tensor of u8 in the given shape. */
  StoredTensor bytes(TensorRole role, int layer, Dim... shape) {
    StoredTensor tensor = require(role, layer, shape);
    if (tensor.dtype() != DType.U8) {
      throw CheckpointErrors.dtype(tensor, "U8");
    }
    return checkShape(tensor, shape);
  }

  /** A tensor that {@link #has} says is there, unchecked. */
  StoredTensor unchecked(TensorRole role, int layer) {
    return byName.get(naming.name(role, layer));
  }

  private StoredTensor require(TensorRole role, int layer, Dim... shape) {
    String name = naming.name(role, layer);
    StoredTensor tensor = byName.get(name);
    if (tensor == null) {
      throw missing(name, shape);
    }
    return tensor;
  }

  private InvalidModelException missing(String name, Dim... shape) {
    List<String> unknown = unknown().stream().map(StoredTensor::name).toList();
    Optional<StoredTensor> nearest = NearestName.of(name, unknown).map(byName::get);
    long files = byName.values().stream().map(StoredTensor::file).distinct().count();
    Path place = files == 1 ? byName.values().iterator().next().file() : folder;
    return CheckpointErrors.missingTensor(place, name, shape, configFile, nearest);
  }

  private StoredTensor checkShape(StoredTensor tensor, Dim... shape) {
    long[] expected = Arrays.stream(shape).mapToLong(Dim::size).toArray();
    if (!Arrays.equals(tensor.shape(), expected)) {
      throw CheckpointErrors.shape(tensor, shape, configFile);
    }
    return tensor;
  }
}

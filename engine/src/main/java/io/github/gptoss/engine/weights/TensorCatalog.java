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

/** All tensors of a checkpoint by what they are for, handed out with type and shape checked. */
record TensorCatalog(
    Shards shards, Path configFile, Naming naming, Map<String, StoredTensor> byName) {
  static TensorCatalog of(Path folder, Path configFile, Shards shards) {
    Map<String, StoredTensor> byName = new LinkedHashMap<>();
    for (SafetensorsFile file : shards.files()) {
      file.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    }
    return new TensorCatalog(shards, configFile, naming(folder, byName), byName);
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

  /** Of the model: an MXFP4 code counts as one, two of them a byte, and a scale as none. */
  long parameters() {
    long parameters = 0;
    for (StoredTensor tensor : byName.values()) {
      Optional<Naming.Place> place = naming.place(tensor.name());
      if (place.isPresent()) {
        parameters +=
            switch (place.get().role()) {
              case GATE_UP_BLOCKS, DOWN_BLOCKS -> 2 * tensor.elements();
              case GATE_UP_SCALES, DOWN_SCALES -> 0;
              default -> tensor.elements();
            };
      }
    }
    return parameters;
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

  /** A tensor of floating point in the given shape; gpt-oss and what is made of it are saved so. */
  StoredTensor floating(TensorRole role, int layer, Dim... shape) {
    return require(role, layer, List.of(DType.BF16, DType.F32, DType.F16), shape);
  }

  /** A tensor of u8 in the given shape. */
  StoredTensor bytes(TensorRole role, int layer, Dim... shape) {
    return require(role, layer, List.of(DType.U8), shape);
  }

  /** A tensor that {@link #has} says is there, unchecked. */
  StoredTensor unchecked(TensorRole role, int layer) {
    return byName.get(naming.name(role, layer));
  }

  private StoredTensor require(TensorRole role, int layer, List<DType> dtypes, Dim... shape) {
    String name = naming.name(role, layer);
    StoredTensor tensor = byName.get(name);
    if (tensor == null) {
      throw missing(name, dtypes, shape);
    }
    if (!dtypes.contains(tensor.dtype())) {
      throw CheckpointErrors.dtype(tensor, dtypes);
    }
    return checkShape(tensor, shape);
  }

  private InvalidModelException missing(String name, List<DType> dtypes, Dim... shape) {
    List<String> unknown = unknown().stream().map(StoredTensor::name).toList();
    Optional<StoredTensor> nearest = NearestName.of(name, unknown).map(byName::get);
    return CheckpointErrors.missingTensor(
        shards.place(name), name, dtypes, shape, configFile, nearest);
  }

  private StoredTensor checkShape(StoredTensor tensor, Dim... shape) {
    long[] expected = Arrays.stream(shape).mapToLong(Dim::size).toArray();
    if (!Arrays.equals(tensor.shape(), expected)) {
      throw CheckpointErrors.shape(tensor, shape, configFile);
    }
    return tensor;
  }
}

package io.github.gptoss.engine.lora;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tensors of an adapter's file by what they are for, with type and shape checked. */
final class AdapterTensors {
  private static final Pattern NAME =
      Pattern.compile(
          "base_model\\.model\\.model\\.layers\\.(\\d{1,4})\\."
              + "(self_attn\\.[qkvo]_proj|mlp\\.experts(?:\\.base_layer)?)\\.lora_([AB])\\.weight");

  private final SafetensorsFile file;
  private final AdapterConfig config;
  private final ModelConfig model;

  /** By layer and PEFT's module path below it. */
  private final List<Map<String, Pair>> layers = new ArrayList<>();

  AdapterTensors(SafetensorsFile file, AdapterConfig config, ModelConfig model) {
    this.file = file;
    this.config = config;
    this.model = model;
    for (int layer = 0; layer < model.layers(); layer++) {
      layers.add(new TreeMap<>());
    }
    List<String> unknown = new ArrayList<>();
    for (StoredTensor tensor : file.tensors()) {
      Matcher name = NAME.matcher(tensor.name());
      if (name.matches()) {
        pair(tensor, Integer.parseInt(name.group(1)), name.group(2)).put(name.group(3), tensor);
      } else {
        unknown.add(tensor.name());
      }
    }
    if (!unknown.isEmpty()) {
      throw AdapterErrors.unknownTensors(file.path(), unknown);
    }
    if (file.tensors().isEmpty()) {
      throw AdapterErrors.empty(file.path());
    }
  }

  private Pair pair(StoredTensor tensor, int layer, String module) {
    if (layer >= layers.size()) {
      throw AdapterErrors.layer(tensor, layer, layers.size());
    }
    return layers
        .get(layer)
        .computeIfAbsent(
            module, m -> new Pair("base_model.model.model.layers." + layer + "." + m + ".lora_"));
  }

  /** The two tensors of a module; one is null until it was found. */
  private final class Pair {
    private final String prefix;
    private StoredTensor a;
    private StoredTensor b;

    Pair(String prefix) {
      this.prefix = prefix;
    }

    void put(String half, StoredTensor tensor) {
      if (!tensor.dtype().isFloat()) {
        throw AdapterErrors.dtype(tensor);
      }
      if (half.equals("A")) {
        a = tensor;
      } else {
        b = tensor;
      }
    }

    Pair whole() {
      if (a == null || b == null) {
        throw AdapterErrors.missing(file.path(), prefix + (a == null ? "A" : "B") + ".weight");
      }
      return this;
    }
  }

  /** What is changed, by layer. */
  List<Map<Target, LowRank>> layers() {
    List<Map<Target, LowRank>> found = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      found.add(layer(layer));
    }
    return found;
  }

  private Map<Target, LowRank> layer(int layer) {
    Map<Target, LowRank> found = new EnumMap<>(Target.class);
    layers
        .get(layer)
        .forEach(
            (module, pair) -> {
              Target target = target(layer, module, pair.whole());
              if (found.put(target, lowRank(layer, target, pair)) != null) {
                throw AdapterErrors.twice(file.path(), target.key(layer));
              }
            });
    for (Target target : Target.values()) {
      if (config.requires(target, layer) && !found.containsKey(target)) {
        throw AdapterErrors.missing(
            file.path(), "base_model.model." + target.key(layer) + ".lora_A");
      }
    }
    return found;
  }

  /**
   * PEFT wraps a layer's experts once for each of their matrices, gate_up_proj first, so that the
   * inner pair of tensors is that matrix's where both are adapted. Where one is, only the sizes
   * tell which, and the configuration where the sizes are equal.
   */
  private Target target(int layer, String module, Pair pair) {
    for (Target target : Target.values()) {
      if (!target.isExperts() && target.key(layer).endsWith("." + module)) {
        return target;
      }
    }
    String base = "mlp.experts.base_layer";
    if (module.equals(base) || layers.get(layer).containsKey(base)) {
      return module.equals(base) ? Target.GATE_UP : Target.DOWN;
    }
    long rows = pair.b.rank() == 2 ? pair.b.dim(0) : 0;
    long columns = pair.a.rank() == 2 ? pair.a.dim(1) : 0;
    Optional<Target> required =
        List.of(Target.GATE_UP, Target.DOWN).stream()
            .filter(target -> config.requires(target, layer))
            .findFirst();
    boolean isDown = rows == Target.DOWN.outputs(model) && columns == Target.DOWN.inputs(model);
    return required.orElse(isDown ? Target.DOWN : Target.GATE_UP);
  }

  private LowRank lowRank(int layer, Target target, Pair pair) {
    String key = target.key(layer);
    int rank = config.rank(key);
    int experts = target.experts(model);
    String times = target.isExperts() ? "*experts" : "";
    requireShape(
        pair.a,
        (long) rank * experts,
        target.inputs(model),
        "[r" + times + ", " + target.inputs() + "]",
        rank);
    requireShape(
        pair.b,
        target.outputs(model),
        (long) rank * experts,
        "[" + target.outputs() + ", r" + times + "]",
        rank);
    return new LowRank(rank, experts, config.scale(key), pair.a, pair.b);
  }

  private static void requireShape(
      StoredTensor tensor, long rows, long columns, String formula, int rank) {
    long[] expected = {rows, columns};
    if (!Arrays.equals(tensor.shape(), expected)) {
      throw AdapterErrors.shape(tensor, expected, formula, rank);
    }
  }
}

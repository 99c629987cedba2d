package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.KvBudget;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One checkpoint's weights, and its adapters', on one device or in ranges of layers on several. */
final class CudaModel implements LoadedModel {
  private static final Logger LOG = LoggerFactory.getLogger(CudaModel.class);

  private final ModelConfig config;
  private final List<CudaDevice> devices;
  private final MemoryPlan plan;
  private final LayerSplit split;
  private final CudaLayer[] layers;
  private final LayerAdapters[] layerAdapters;
  private final DeviceMemory embedding; // [V, H] bfloat16, with the first layer
  private final Linear unembedding; // with the last
  private final DeviceMemory finalNorm; // likewise

  CudaModel(
      Checkpoint checkpoint,
      List<LoraAdapter> adapters,
      List<CudaDevice> devices,
      double utilization) {
    this(
        checkpoint.config(),
        WeightBytes.of(checkpoint),
        adapters,
        devices,
        utilization,
        (device, plan) -> new CheckpointWeights(checkpoint, device, plan));
  }

  /** Sources bring the weights to a device; they say the plan where memory runs out. */
  CudaModel(
      ModelConfig config,
      WeightBytes weights,
      List<LoraAdapter> adapters,
      List<CudaDevice> devices,
      double utilization,
      BiFunction<CudaDevice, Supplier<String>, WeightSource> sources) {
    this.config = config;
    this.devices = devices;
    Shapes.require(config);
    long[] totalBytes = devices.stream().mapToLong(CudaDevice::totalBytes).toArray();
    split = LayerSplit.of(weights.with(AdapterBytes.of(adapters, config.layers())), totalBytes);
    plan = new MemoryPlan(config, split, totalBytes, utilization);
    LOG.info("{}", plan.describeWeights());
    plan.requireHoldsWeights();
    for (int s = 0; s < devices.size(); s++) {
      devices.get(s).requireFree(split.bytes(s), "the weights", plan::describeWeights);
    }
    layers = new CudaLayer[config.layers()];
    layerAdapters = new LayerAdapters[config.layers()];
    Arrays.fill(layerAdapters, LayerAdapters.NONE);
    // The adapters are small, and a bad one is found before the model is read.
    for (int s = 0; s < devices.size() && !adapters.isEmpty(); s++) {
      loadAdapters(adapters, devices.get(s).use(), split.from(s), split.to(s));
    }
    DeviceMemory firstRows = null;
    Linear lastRows = null;
    DeviceMemory lastNorm = null;
    for (int s = 0; s < devices.size(); s++) {
      CudaDevice device = devices.get(s).use();
      try (WeightSource source = sources.apply(device, plan::describeWeights)) {
        if (s == 0) {
          firstRows = source.embedding();
        }
        for (int l = split.from(s); l < split.to(s); l++) {
          int layer = l;
          device.operation(() -> "loading layer " + layer);
          layers[l] = source.layer(l);
        }
        if (s == devices.size() - 1) {
          lastRows = source.unembedding();
          lastNorm = source.finalNorm();
        }
      }
    }
    embedding = firstRows;
    unembedding = lastRows;
    finalNorm = lastNorm;
  }

  private void loadAdapters(List<LoraAdapter> adapters, CudaDevice device, int from, int to) {
    int head = config.headDim();
    long largestBytes = LayerAdapters.largestBytes(adapters, config.layers(), head);
    try (WeightLoader loader = new WeightLoader(device, largestBytes, plan::describeWeights)) {
      for (int l = from; l < to; l++) {
        int layer = l;
        device.operation(() -> "loading adapters of layer " + layer);
        layerAdapters[l] = LayerAdapters.load(adapters, l, head, loader);
      }
    }
  }

  @Override
  public long fullBytesPerToken() {
    return MemoryPlan.bytesPerToken(config, AttentionKind.FULL);
  }

  @Override
  public long windowBytesPerToken() {
    return MemoryPlan.bytesPerToken(config, AttentionKind.WINDOW);
  }

  @Override
  public long defaultKvBytes(KvBudget budget) {
    return plan.kvBytes(budget);
  }

  @Override
  public int logitsRows() {
    return plan.logitsRows();
  }

  @Override
  public Operations allocate(Capacity capacity) {
    plan.requireFits(capacity);
    for (int s = 0; s < devices.size(); s++) {
      long bytes = plan.runningBytes(s, capacity);
      String what = "a step, with all keys and values,";
      devices.get(s).requireFree(bytes, what, () -> plan.describe(capacity));
    }
    LOG.info("{}{}", plan.describe(capacity), products());
    List<Stage> stages = new ArrayList<>();
    for (int s = 0; s < devices.size(); s++) {
      stages.add(new Stage(this, devices.get(s).use(), s, capacity));
    }
    return new CudaOperations(this, stages);
  }

  private String products() {
    return devices.get(0).multipliesByWgmma()
        ? "; products by wgmma (cuda_wgmma), unproven: no GPU has shown yet that its sums do not"
            + " depend on how many rows a step has"
        : "";
  }

  /** One step more on one device; on several, a step for each. */
  int stepsAhead() {
    return devices.size();
  }

  ModelConfig config() {
    return config;
  }

  LayerSplit split() {
    return split;
  }

  MemoryPlan plan() {
    return plan;
  }

  CudaLayer layer(int index) {
    return layers[index];
  }

  LayerAdapters adapters(int layer) {
    return layerAdapters[layer];
  }

  DeviceMemory embedding() {
    return embedding;
  }

  Linear unembedding() {
    return unembedding;
  }

  DeviceMemory finalNorm() {
    return finalNorm;
  }

  @Override
  public void close() {
    // The backend's devices free all their memory when they close.
  }
}

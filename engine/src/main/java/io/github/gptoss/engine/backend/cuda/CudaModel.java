package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.DenseExperts;
import io.github.gptoss.engine.weights.ExpertMatrix;
import io.github.gptoss.engine.weights.LayerWeights;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One checkpoint's weights, on one device or in ranges of layers on several. */
final class CudaModel implements LoadedModel {
  private static final Logger LOG = LoggerFactory.getLogger(CudaModel.class);

  private static final int BF16_BYTES = 2;

  private final ModelConfig config;
  private final List<CudaDevice> devices;
  private final MemoryPlan plan;
  private final LayerSplit split;
  private final CudaLayer[] layers;
  private final DeviceMemory embedding; // [V, H] bfloat16, with the first layer
  private final Linear unembedding; // with the last
  private final DeviceMemory finalNorm; // likewise

  CudaModel(Checkpoint checkpoint, List<CudaDevice> devices) {
    this.config = checkpoint.config();
    this.devices = devices;
    Shapes.require(config);
    long[] totalBytes = devices.stream().mapToLong(CudaDevice::totalBytes).toArray();
    split = LayerSplit.of(WeightBytes.of(checkpoint), totalBytes);
    plan = new MemoryPlan(config, split, totalBytes);
    LOG.info("{}", plan.describeWeights());
    layers = new CudaLayer[config.layers()];
    DeviceMemory firstRows = null;
    Linear lastRows = null;
    DeviceMemory lastNorm = null;
    long largest = largestBytes(checkpoint);
    for (int s = 0; s < devices.size(); s++) {
      CudaDevice device = devices.get(s).use();
      try (WeightLoader loader = new WeightLoader(device, largest, plan::describeWeights)) {
        if (s == 0) {
          firstRows = loader.rows(checkpoint.embedding());
        }
        for (int l = split.from(s); l < split.to(s); l++) {
          int layer = l;
          device.operation(() -> "loading layer " + layer);
          layers[l] = layer(loader, config, l, checkpoint.layer(l));
        }
        if (s == devices.size() - 1) {
          lastRows = loader.linear(checkpoint.unembedding(), null);
          lastNorm = loader.vector(checkpoint.finalNorm());
        }
      }
    }
    embedding = firstRows;
    unembedding = lastRows;
    finalNorm = lastNorm;
  }

  private static CudaLayer layer(
      WeightLoader loader, ModelConfig config, int index, LayerWeights w) {
    return new CudaLayer(
        config.attention().get(index),
        loader.vector(w.attentionNorm()),
        loader.qkv(
            new StoredTensor[] {w.q(), w.k(), w.v()},
            new StoredTensor[] {w.qBias(), w.kBias(), w.vBias()},
            config.headDim()),
        loader.linear(w.o(), w.oBias()),
        loader.vector(w.sinks()),
        loader.vector(w.mlpNorm()),
        loader.router(w.router(), w.routerBias()),
        loader.gateUp(w.gateUp(), w.gateUpBias()),
        loader.experts(w.down(), w.downBias()));
  }

  /** Bytes of the largest matrix that the loader takes as a whole. */
  private static long largestBytes(Checkpoint checkpoint) {
    LayerWeights layer = checkpoint.layer(0);
    return Math.max(expertBytes(layer.gateUp()), expertBytes(layer.down()));
  }

  private static long expertBytes(ExpertMatrix matrix) {
    return matrix instanceof DenseExperts
        ? (long) BF16_BYTES * matrix.rows() * matrix.cols()
        : matrix.bytes() / matrix.experts();
  }

  @Override
  public long fullBytesPerToken() {
    return plan.bytesPerToken(AttentionKind.FULL);
  }

  @Override
  public long windowBytesPerToken() {
    return plan.bytesPerToken(AttentionKind.WINDOW);
  }

  @Override
  public long defaultKvBytes(int maxTokens) {
    return plan.kvBytes(maxTokens);
  }

  @Override
  public int logitsRows() {
    return plan.logitsRows();
  }

  @Override
  public Operations allocate(Capacity capacity) {
    plan.requireFits(capacity);
    LOG.info("{}", plan.describe(capacity));
    List<Stage> stages = new ArrayList<>();
    for (int s = 0; s < devices.size(); s++) {
      stages.add(new Stage(this, devices.get(s).use(), s, capacity));
    }
    return new CudaOperations(this, stages);
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

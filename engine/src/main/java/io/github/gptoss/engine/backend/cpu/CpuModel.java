package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.KvBudget;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.Checkpoint;
import java.util.Arrays;
import java.util.List;

/** Packed weights of one checkpoint and of adapters to it. */
final class CpuModel implements LoadedModel {
  /** Logits held at a time, 64 MiB of them at most. */
  private static final int LOGITS_FLOATS = 16 << 20;

  /** Rows of them at most: for so many, decoding the matrix takes little of the time. */
  private static final int LOGITS_ROWS = 128;

  private final ModelConfig config;
  private final Kernels kernels;
  private final Workers workers;
  private final StoredTensor embedding;
  private final CpuLayer[] layers;
  private final float[] finalNorm;
  private final PackedMatrix unembedding;
  private final List<CpuAdapter> adapters;
  private final long weightBytes;

  CpuModel(Checkpoint checkpoint, List<LoraAdapter> loras, Kernels kernels, Workers workers) {
    this.config = checkpoint.config();
    this.kernels = kernels;
    this.workers = workers;
    embedding = checkpoint.embedding();
    // The vocabulary's matrices are the largest: said before minutes of packing, not after.
    EmbeddingTable.requireMappable(embedding);
    Packer.requireOneArray(checkpoint.unembedding());
    long adapterBytes =
        loras.stream().mapToLong(lora -> CpuAdapter.bytes(lora, config.layers())).sum();
    weightBytes = checkpoint.bytes() - embedding.bytes() + adapterBytes;
    heap().requireWeights();
    layers = new CpuLayer[config.layers()];
    // The adapters are small, and a bad one is found before the model is read.
    adapters = loras.stream().map(lora -> CpuAdapter.load(lora, layers.length, workers)).toList();
    finalNorm = checkpoint.finalNorm().toFloats();
    Packer[] packers = new Packer[workers.threads()];
    Arrays.setAll(packers, worker -> new Packer());
    PackedMatrix[] last = new PackedMatrix[1];
    workers.run(
        layers.length + 1,
        Long.MAX_VALUE,
        (item, worker) -> {
          if (item == layers.length) {
            last[0] = packers[worker].pack(checkpoint.unembedding());
          } else {
            layers[item] =
                CpuLayer.load(
                    config.attention().get(item), checkpoint.layer(item), packers[worker]);
          }
        });
    unembedding = last[0];
  }

  @Override
  public long fullBytesPerToken() {
    return bytesPerToken(AttentionKind.FULL);
  }

  @Override
  public long windowBytesPerToken() {
    return bytesPerToken(AttentionKind.WINDOW);
  }

  private long bytesPerToken(AttentionKind kind) {
    return 2L * config.layersOf(kind) * config.kvWidth() * Float.BYTES;
  }

  @Override
  public long defaultKvBytes(KvBudget budget) {
    return heap().defaultKvBytes();
  }

  @Override
  public int logitsRows() {
    return Math.max(1, Math.min(LOGITS_ROWS, LOGITS_FLOATS / config.vocabSize()));
  }

  @Override
  public Operations allocate(Capacity capacity) {
    long kvBytes =
        capacity.blockTokens()
            * (capacity.fullBlocks() * fullBytesPerToken()
                + capacity.windowBlocks() * windowBytesPerToken());
    int maxRank = adapters.stream().mapToInt(CpuAdapter::maxRank).max().orElse(0);
    heap().require(config, capacity.maxTokens(), logitsRows(), maxRank, kvBytes);
    return new CpuOperations(this, capacity, kernels, workers);
  }

  ModelConfig config() {
    return config;
  }

  StoredTensor embedding() {
    return embedding;
  }

  CpuLayer layer(int index) {
    return layers[index];
  }

  float[] finalNorm() {
    return finalNorm;
  }

  PackedMatrix unembedding() {
    return unembedding;
  }

  /** The one that a step calls 1 is the first. */
  List<CpuAdapter> adapters() {
    return adapters;
  }

  private HeapBudget heap() {
    return new HeapBudget(Runtime.getRuntime().maxMemory(), weightBytes);
  }

  @Override
  public void close() {
    // The weights are on the heap: they go when this object is unreachable.
  }
}

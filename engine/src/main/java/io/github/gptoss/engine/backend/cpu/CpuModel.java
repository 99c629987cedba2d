package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.KvBudget;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.Checkpoint;

/** Packed weights of one checkpoint. */
final class CpuModel implements LoadedModel {
  /** Logits held at a time, 64 MiB of them at most. */
  private static final int LOGITS_FLOATS = 16 << 20;

  private final ModelConfig config;
  private final Kernels kernels;
  private final Workers workers;
  private final StoredTensor embedding;
  private final CpuLayer[] layers;
  private final float[] finalNorm;
  private final PackedMatrix unembedding;

  CpuModel(Checkpoint checkpoint, Kernels kernels, Workers workers) {
    this.config = checkpoint.config();
    this.kernels = kernels;
    this.workers = workers;
    DirectMemory.require(checkpoint.bytes());
    embedding = checkpoint.embedding();
    // The vocabulary's matrices are the largest: said before minutes of packing, not after.
    Packer.requireOneBuffer(embedding);
    Packer.requireOneBuffer(checkpoint.unembedding());
    finalNorm = checkpoint.finalNorm().toFloats();
    layers = new CpuLayer[config.layers()];
    PackedMatrix[] last = new PackedMatrix[1];
    workers.run(
        layers.length + 1,
        Long.MAX_VALUE,
        (item, worker) -> {
          if (item == layers.length) {
            last[0] = Packer.pack(checkpoint.unembedding());
          } else {
            layers[item] = CpuLayer.load(config.attention().get(item), checkpoint.layer(item));
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
    return HeapBudget.defaultKvBytes(Runtime.getRuntime().maxMemory());
  }

  @Override
  public int logitsRows() {
    return Math.max(1, Math.min(512, LOGITS_FLOATS / config.vocabSize()));
  }

  @Override
  public Operations allocate(Capacity capacity) {
    long kvBytes =
        capacity.blockTokens()
            * (capacity.fullBlocks() * fullBytesPerToken()
                + capacity.windowBlocks() * windowBytesPerToken());
    HeapBudget budget = new HeapBudget(Runtime.getRuntime().maxMemory());
    budget.require(config, capacity.maxTokens(), logitsRows(), kvBytes);
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

  @Override
  public void close() {
    // Direct memory has no explicit release before Java 22: it goes when this object is
    // unreachable.
  }
}

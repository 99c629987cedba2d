package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.DenseExperts;
import io.github.gptoss.engine.weights.ExpertMatrix;
import io.github.gptoss.engine.weights.LayerWeights;
import java.util.function.Supplier;

/** The weights of a checkpoint. */
final class CheckpointWeights implements WeightSource {
  private static final int BF16_BYTES = 2;

  private final Checkpoint checkpoint;
  private final WeightLoader loader;

  CheckpointWeights(Checkpoint checkpoint, CudaDevice device, Supplier<String> plan) {
    this.checkpoint = checkpoint;
    LayerWeights layer = checkpoint.layer(0);
    loader =
        new WeightLoader(
            device, Math.max(expertBytes(layer.gateUp()), expertBytes(layer.down())), plan);
  }

  /** Bytes of one matrix, which the loader takes as a whole. */
  private static long expertBytes(ExpertMatrix matrix) {
    return matrix instanceof DenseExperts
        ? (long) BF16_BYTES * matrix.rows() * matrix.cols()
        : matrix.bytes() / matrix.experts();
  }

  @Override
  public DeviceMemory embedding() {
    return loader.rows(checkpoint.embedding());
  }

  @Override
  public CudaLayer layer(int index) {
    LayerWeights w = checkpoint.layer(index);
    return new CudaLayer(
        checkpoint.config().attention().get(index),
        loader.vector(w.attentionNorm()),
        loader.qkv(
            new StoredTensor[] {w.q(), w.k(), w.v()},
            new StoredTensor[] {w.qBias(), w.kBias(), w.vBias()},
            checkpoint.config().headDim()),
        loader.linear(w.o(), w.oBias()),
        loader.vector(w.sinks()),
        loader.vector(w.mlpNorm()),
        loader.router(w.router(), w.routerBias()),
        loader.experts(w.gateUp(), w.gateUpBias(), true),
        loader.experts(w.down(), w.downBias(), false));
  }

  @Override
  public Linear unembedding() {
    return loader.linear(checkpoint.unembedding(), null);
  }

  @Override
  public DeviceMemory finalNorm() {
    return loader.vector(checkpoint.finalNorm());
  }

  @Override
  public void close() {
    loader.close();
  }
}

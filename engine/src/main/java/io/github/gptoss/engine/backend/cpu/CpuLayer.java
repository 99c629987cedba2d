package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.weights.LayerWeights;

/**
 * One layer's weights as the kernels read them; shapes as in {@link LayerWeights}. The rows and the
 * bias of gateUp are those of {@link Kernels#swiglu}'s panels.
 */
record CpuLayer(
    AttentionKind attention,
    float[] attentionNorm,
    PackedMatrix q,
    float[] qBias,
    PackedMatrix k,
    float[] kBias,
    PackedMatrix v,
    float[] vBias,
    PackedMatrix o,
    float[] oBias,
    float[] sinks,
    float[] mlpNorm,
    PackedMatrix router,
    float[] routerBias,
    PackedMatrix[] gateUp,
    float[] gateUpBias,
    PackedMatrix[] down,
    float[] downBias) {

  static CpuLayer load(AttentionKind attention, LayerWeights w, Packer packer) {
    return new CpuLayer(
        attention,
        w.attentionNorm().toFloats(),
        packer.pack(w.q()),
        w.qBias().toFloats(),
        packer.pack(w.k()),
        w.kBias().toFloats(),
        packer.pack(w.v()),
        w.vBias().toFloats(),
        packer.pack(w.o()),
        w.oBias().toFloats(),
        w.sinks().toFloats(),
        w.mlpNorm().toFloats(),
        packer.pack(w.router()),
        w.routerBias().toFloats(),
        packer.pack(w.gateUp(), true),
        w.gateUpBias().toFloats(),
        packer.pack(w.down(), false),
        w.downBias().toFloats());
  }
}

package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.model.AttentionKind;

/**
 * The weights of one layer on its device. H = hiddenSize.
 *
 * @param attentionNorm [H] float32
 * @param qkv queries, keys and values, one below the other; rows of queries and keys in rotary
 *     order
 * @param sinks [heads] float32
 * @param mlpNorm [H] float32
 * @param router [E, 2H], the weights twice: for the norm, and for what rounding took from it. A
 *     rounding error that exchanges two experts costs more than any other
 * @param gateUp gate and up rows of one output eight apart
 */
record CudaLayer(
    AttentionKind attention,
    DeviceMemory attentionNorm,
    Linear qkv,
    Linear output,
    DeviceMemory sinks,
    DeviceMemory mlpNorm,
    Linear router,
    ExpertWeights gateUp,
    ExpertWeights down) {}

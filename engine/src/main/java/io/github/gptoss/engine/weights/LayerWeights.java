package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.tensor.StoredTensor;

/**
 * The weights of one layer. Matrices are [outputs, inputs], row-major, and like the vectors bf16,
 * f32 or f16 each for itself. H = hiddenSize, I = intermediateSize, E = experts.
 *
 * @param attentionNorm [H], scale of the norm before attention
 * @param q [heads * headDim, H]
 * @param qBias [heads * headDim]
 * @param k [kvHeads * headDim, H]
 * @param kBias [kvHeads * headDim]
 * @param v [kvHeads * headDim, H]
 * @param vBias [kvHeads * headDim]
 * @param o [H, heads * headDim]
 * @param oBias [H]
 * @param sinks [heads], one logit a head that joins the softmax's denominator
 * @param mlpNorm [H], scale of the norm before the experts
 * @param router [E, H]
 * @param routerBias [E]
 * @param gateUp logical [E, 2I, H], rows interleaved: even = gate, odd = up
 * @param gateUpBias [E, 2I], interleaved likewise
 * @param down logical [E, H, I]
 * @param downBias [E, H]
 */
public record LayerWeights(
    StoredTensor attentionNorm,
    StoredTensor q,
    StoredTensor qBias,
    StoredTensor k,
    StoredTensor kBias,
    StoredTensor v,
    StoredTensor vBias,
    StoredTensor o,
    StoredTensor oBias,
    StoredTensor sinks,
    StoredTensor mlpNorm,
    StoredTensor router,
    StoredTensor routerBias,
    ExpertMatrix gateUp,
    StoredTensor gateUpBias,
    ExpertMatrix down,
    StoredTensor downBias) {}

package io.github.gptoss.engine.sampling;

/**
 * What is told of a chosen token beside its id.
 *
 * @param logprobs null where they are not asked for
 * @param weights null where they are not asked for
 */
public record TokenDetails(SampledLogprobs logprobs, TokenWeights weights) {}

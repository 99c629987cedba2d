package io.github.gptoss.engine.sampling;

import java.util.List;

/**
 * What the model itself gave the chosen token and the likeliest ones, descending, the lowest id
 * first among equals; the chosen token is among them only if it is that likely.
 */
public record SampledLogprobs(TokenLogprob chosen, List<TokenLogprob> top) {}

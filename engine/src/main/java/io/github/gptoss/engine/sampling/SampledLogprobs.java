package io.github.gptoss.engine.sampling;

import java.util.List;

/**
 * What the model itself gave the chosen token and its alternatives.
 *
 * @param chosen the token that the sequence goes on with
 * @param top the likeliest tokens, descending, the lowest id first among equals; the chosen token
 *     is among them only if it is that likely
 */
public record SampledLogprobs(TokenLogprob chosen, List<TokenLogprob> top) {}

package io.github.gptoss.engine;

/**
 * Natural log-probabilities of one generated token under the model's own distribution, before
 * penalties, temperature and truncation.
 *
 * @param topTokens ids of the most likely tokens, best first, ties by lowest id
 * @param topLogprobs their log-probabilities, same length
 */
public record TokenLogprobs(int token, float logprob, int[] topTokens, float[] topLogprobs) {}

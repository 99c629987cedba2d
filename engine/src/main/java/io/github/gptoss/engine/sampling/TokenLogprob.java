package io.github.gptoss.engine.sampling;

/**
 * A token and its log-probability.
 *
 * @param token id
 * @param logprob in nats; -infinity for an impossible token
 */
public record TokenLogprob(int token, float logprob) {}

package io.github.gptoss.engine.sampling;

/**
 * @param token id
 * @param logprob in nats; -infinity for an impossible token
 */
public record TokenLogprob(int token, float logprob) {}

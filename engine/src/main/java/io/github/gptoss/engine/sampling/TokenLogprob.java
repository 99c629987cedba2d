package io.github.gptoss.engine.sampling;

/** A token's id and its log-probability in nats, -infinity for an impossible token. */
public record TokenLogprob(int token, float logprob) {}

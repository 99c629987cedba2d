package io.github.gptoss.engine.backend;

/**
 * The largest step, in tokens, that a model must be able to compute, and its KV cache: tokens of a
 * block, blocks of the full-attention layers and blocks of the sliding-window layers.
 */
public record Capacity(int maxTokens, int blockTokens, int fullBlocks, int windowBlocks) {}

package io.github.gptoss.engine.backend;

/**
 * The largest step that a model must be able to compute, and its KV cache.
 *
 * @param maxTokens tokens of one step
 * @param blockTokens tokens of one KV block
 * @param fullBlocks KV blocks of the full-attention layers
 * @param windowBlocks KV blocks of the sliding-window layers
 */
public record Capacity(int maxTokens, int blockTokens, int fullBlocks, int windowBlocks) {}

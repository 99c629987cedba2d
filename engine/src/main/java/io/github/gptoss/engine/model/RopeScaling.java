package io.github.gptoss.engine.model;

/**
 * YaRN's stretching of rotary positions. Source: Peng et al., YaRN, section 3; transformers
 * modeling_rope_utils.
 *
 * @param factor by how much the context is stretched
 * @param betaFast rotations within the original context above which a dimension keeps its frequency
 * @param betaSlow rotations below which its frequency is divided by the factor
 * @param originalMaxPositions tokens of context before stretching
 * @param truncate whether the bounds of the ramp between the two are rounded outwards to integers
 */
public record RopeScaling(
    float factor, float betaFast, float betaSlow, int originalMaxPositions, boolean truncate) {}

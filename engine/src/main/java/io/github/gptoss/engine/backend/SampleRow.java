package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenSet;

/**
 * How to choose the token at a position of its sequence. The history is prompt and output so far;
 * it may be null unless {@link SamplingParams#usesHistory}.
 *
 * @param allowed the tokens to choose from; null for all
 */
public record SampleRow(
    SamplingParams params, TokenHistory history, long position, TokenSet allowed) {}

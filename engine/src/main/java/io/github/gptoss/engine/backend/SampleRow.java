package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;

/**
 * How to choose the token at a position of its sequence. The history is prompt and output so far;
 * it may be null unless {@link SamplingParams#usesHistory}.
 */
public record SampleRow(SamplingParams params, TokenHistory history, long position) {}

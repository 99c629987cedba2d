package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;

/**
 * How to choose the token of one logits row.
 *
 * @param history prompt and output so far; may be null unless {@link SamplingParams#usesHistory}
 * @param position index of the new token in its sequence
 */
public record SampleRow(SamplingParams params, TokenHistory history, long position) {}

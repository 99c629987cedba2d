package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.sampling.TokenWeights;

/**
 * How to choose the token at a position of its sequence. The history is prompt and output so far;
 * it may be null unless {@link SamplingParams#usesHistory}.
 *
 * @param allowed the tokens to choose from; null for all
 * @param leastProbability the allowed tokens of at least this probability are told of; {@link
 *     #NOT_WEIGHED} for none
 */
public record SampleRow(
    SamplingParams params,
    TokenHistory history,
    long position,
    TokenSet allowed,
    double leastProbability) {
  /** Of rows that ask for no probabilities. */
  public static final double NOT_WEIGHED = Double.POSITIVE_INFINITY;

  /** A row whose token is not looked at. */
  public static final SampleRow UNWANTED =
      new SampleRow(SamplingParams.GREEDY, null, 0, null, NOT_WEIGHED);

  /** Whether more than the token is asked for. */
  public boolean wantsDetails() {
    return params.logprobs() >= 0 || isWeighed();
  }

  /** Whether the probabilities of the allowed tokens are asked for. */
  public boolean isWeighed() {
    return leastProbability != NOT_WEIGHED;
  }

  /** The token that follows a row of logits that is usable. */
  public int choose(float[] logits, int offset, int length, Sampler.Workspace workspace) {
    return Sampler.sample(logits, offset, length, params, allowed, history, position, workspace);
  }

  /** What is asked for beside the token; null for nothing. */
  public TokenDetails details(
      float[] logits, int offset, int length, int token, Sampler.Workspace workspace) {
    if (!wantsDetails()) {
      return null;
    }
    SampledLogprobs logprobs =
        params.logprobs() < 0
            ? null
            : Sampler.logprobs(logits, offset, length, token, params.logprobs(), workspace);
    TokenWeights weights =
        isWeighed()
            ? Sampler.weights(logits, offset, length, allowed, token, leastProbability, workspace)
            : null;
    return new TokenDetails(logprobs, weights);
  }
}

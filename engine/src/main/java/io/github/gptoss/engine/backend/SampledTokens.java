package io.github.gptoss.engine.backend;

import io.github.gptoss.engine.sampling.TokenDetails;

/** The tokens of one step; valid until {@link Operations#stepsAhead} + 1 later steps have begun. */
public interface SampledTokens {
  /**
   * Waits until they are chosen: tokens [R], -1 where a row of logits holds NaN or no finite
   * number; details [R], null where a row asks for none.
   */
  void await(int[] tokens, TokenDetails[] details);
}

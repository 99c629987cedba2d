package io.github.gptoss.engine.sampling;

/**
 * The probabilities, at temperature 1 and without penalties and bias, of the tokens that are
 * allowed at a position.
 *
 * @param tokens those of at least the probability that was asked for, ascending
 * @param probabilities of these tokens; those of all allowed tokens sum to 1
 * @param chosen the probability of the token that was chosen
 */
public record TokenWeights(int[] tokens, double[] probabilities, double chosen) {}

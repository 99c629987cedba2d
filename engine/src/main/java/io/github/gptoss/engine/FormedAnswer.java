package io.github.gptoss.engine;

import java.util.Map;

/**
 * What there is of an answer whose form the request asks for.
 *
 * @param text the whole answer; null where the row did not end with it
 * @param isCut whether the answer was cut before it had its form
 * @param confidence the probability under the model, from 0 to 1, of the value that the answer has;
 *     null where there is no finite set of values, and where there is no answer
 * @param probabilities of the values, by value; what was left out, and what no value was made of,
 *     under the empty text; null where they are not asked for
 */
public record FormedAnswer(
    String text, boolean isCut, Double confidence, Map<String, Double> probabilities) {
  /** An answer of which no probabilities are known. */
  static FormedAnswer of(String text, boolean isCut) {
    return new FormedAnswer(text, isCut, null, null);
  }
}

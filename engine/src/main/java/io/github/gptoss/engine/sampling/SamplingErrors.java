package io.github.gptoss.engine.sampling;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;

/** The messages of this package. */
final class SamplingErrors {
  private SamplingErrors() {}

  static InvalidRequestException outOfRange(String parameter, Object value, String allowed) {
    return new InvalidRequestException(
        "invalid_parameter", parameter + " is " + value + ": it must be " + allowed);
  }

  static InvalidRequestException biasOutsideVocabulary(int token, int vocabSize) {
    return outOfRange("logit_bias", "given for token id " + token, "for " + ids(vocabSize));
  }

  static InvalidRequestException tokenOutsideVocabulary(int token, int vocabSize) {
    return new InvalidRequestException(
        "invalid_token",
        "token id %d is outside the model's vocabulary, allowed are %s; tokenize with this model's tokenizer"
            .formatted(token, ids(vocabSize)));
  }

  static GptOssException nanLogit(int token, int vocabSize) {
    return new GptOssException(
        "the logit of token id %d of %d is NaN: the checkpoint's weights are damaged or overflowed; verify the checkpoint"
            .formatted(token, vocabSize));
  }

  static GptOssException nothingToSample(int vocabSize) {
    return new GptOssException(
        "all %d logits are -infinity, so no token can be chosen: the checkpoint's weights are damaged or overflowed; verify the checkpoint"
            .formatted(vocabSize));
  }

  private static String ids(int vocabSize) {
    return "ids 0 to " + (vocabSize - 1);
  }
}

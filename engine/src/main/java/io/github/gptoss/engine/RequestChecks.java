package io.github.gptoss.engine;

import io.github.gptoss.engine.error.InvalidRequestException;

/** What must hold of a request before it costs any work, with one message for each breach. */
final class RequestChecks {
  private RequestChecks() {}

  /** Checks that there are tokens, that the model has them, and that {@code least} more fit. */
  static void prompt(int[] tokens, int least, EngineInfo info) {
    if (tokens.length == 0) {
      throw new InvalidRequestException(
          "invalid_prompt", "the prompt has no tokens: give at least one");
    }
    for (int token : tokens) {
      if (token < 0 || token >= info.vocabSize()) {
        throw new InvalidRequestException(
            "invalid_token",
            ("the prompt has token id %d, but the model's vocabulary ends at %d: give ids of this"
                    + " model's tokenizer")
                .formatted(token, info.vocabSize() - 1));
      }
    }
    if (tokens.length + least > info.maxModelLen()) {
      throw new InvalidRequestException(
          "context_length_exceeded",
          ("the prompt has %d tokens, and the context of %d must hold it and at least %s: shorten"
                  + " the prompt, or raise max_model_len or kv_cache_bytes if they limit the context")
              .formatted(
                  tokens.length,
                  info.maxModelLen(),
                  least == 1
                      ? "one new token"
                      : least + " new tokens where max_reasoning_tokens is set"));
    }
  }

  /** Checks what depends on the model's vocabulary. */
  static void model(GenerationRequest request, EngineInfo info) {
    request.sampling().checkVocabulary(info.vocabSize());
    if (!info.harmony() && (request.isHarmony() || !request.stop().isEmpty())) {
      throw new InvalidRequestException(
          "unsupported_vocabulary",
          ("%s need the o200k_harmony vocabulary of 201088 ids, and this checkpoint has %d: give"
                  + " raw token ids without stop strings, or a gpt-oss checkpoint")
              .formatted(
                  request.isHarmony() ? "messages and text" : "stop strings", info.vocabSize()));
    }
  }
}

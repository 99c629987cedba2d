package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.error.InvalidRequestException;

/** All errors of this package. None quotes a conversation: texts may be confidential. */
final class HarmonyErrors {
  private HarmonyErrors() {}

  static InvalidRequestException conversation(String where, String problem) {
    return new InvalidRequestException("invalid_conversation", where + ": " + problem);
  }

  static InvalidRequestException parameter(String where, String problem) {
    return new InvalidRequestException("invalid_parameter", where + ": " + problem);
  }

  static InvalidRequestException nullPrompt() {
    return new InvalidRequestException(
        "null_prompt", "the prompt is null; give a text, or filter such rows out");
  }

  static InvalidRequestException malformed(String problem) {
    return new InvalidRequestException(
        "malformed_completion",
        "the tokens are not well-formed Harmony: "
            + problem
            + "; check the ids and the role that they begin with");
  }
}

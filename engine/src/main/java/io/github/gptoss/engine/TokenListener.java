package io.github.gptoss.engine;

import io.github.gptoss.engine.harmony.MessageKind;

/** Receives a generation as it grows; called on the engine's thread, so it must return at once. */
@FunctionalInterface
public interface TokenListener {
  /**
   * Takes the next token.
   *
   * @param token the new token's id
   * @param kind what the content is for that the token continues; null in headers, between messages
   *     and for raw requests
   * @param textDelta content text that the token completes; empty when it completes none
   */
  void onToken(int token, MessageKind kind, String textDelta);
}

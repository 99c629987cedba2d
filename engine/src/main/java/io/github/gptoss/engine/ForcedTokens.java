package io.github.gptoss.engine;

import io.github.gptoss.engine.harmony.Channel;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;

/** Token runs that the engine writes in the model's place. */
final class ForcedTokens {
  /** Opens the assistant's answer after a message that has ended. */
  static final int[] OPEN_ANSWER = openAnswer();

  /** Ends the assistant's message and opens its answer. */
  static final int[] END_AND_OPEN_ANSWER = endAndOpenAnswer();

  private ForcedTokens() {}

  private static int[] endAndOpenAnswer() {
    int[] tokens = new int[1 + OPEN_ANSWER.length];
    tokens[0] = SpecialTokens.END;
    System.arraycopy(OPEN_ANSWER, 0, tokens, 1, OPEN_ANSWER.length);
    return tokens;
  }

  private static int[] openAnswer() {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    TokenList tokens = new TokenList();
    tokens.add(SpecialTokens.START);
    tokenizer.encode(Role.ASSISTANT.text(), tokens);
    tokens.add(SpecialTokens.CHANNEL);
    tokenizer.encode(Channel.FINAL, tokens);
    tokens.add(SpecialTokens.MESSAGE);
    return tokens.toArray();
  }
}

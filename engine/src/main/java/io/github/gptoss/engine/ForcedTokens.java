package io.github.gptoss.engine;

import io.github.gptoss.engine.harmony.Channel;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;

/** Token runs that the engine writes in the model's place. */
final class ForcedTokens {
  /** Ends the assistant's message and opens its answer. */
  static final int[] FINAL_CHANNEL = finalChannel();

  private ForcedTokens() {}

  private static int[] finalChannel() {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    TokenList tokens = new TokenList();
    tokens.add(SpecialTokens.END);
    tokens.add(SpecialTokens.START);
    tokenizer.encode(Role.ASSISTANT.text(), tokens);
    tokens.add(SpecialTokens.CHANNEL);
    tokenizer.encode(Channel.FINAL, tokens);
    tokens.add(SpecialTokens.MESSAGE);
    return tokens.toArray();
  }
}

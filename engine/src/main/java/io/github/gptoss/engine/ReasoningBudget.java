package io.github.gptoss.engine;

import io.github.gptoss.engine.harmony.Channel;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.harmony.StreamableParser;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;

/** Ends reasoning in time for an answer: says which tokens the engine writes for the model. */
final class ReasoningBudget {
  /** Opens the assistant's answer after a message that has ended. */
  static final int[] OPEN_ANSWER = openAnswer();

  /** Ends the assistant's message and opens its answer. */
  static final int[] END_AND_OPEN_ANSWER = endAndOpenAnswer();

  /** Tokens kept free for the answer: this share of max_tokens... */
  private static final int ANSWER_SHARE = 4;

  /** ...but no more than these. */
  private static final int MOST_ANSWER_TOKENS = 128;

  private static final int[] NONE = {};

  private final int maxReasoningTokens;
  private final int maxTokens;
  private final int reservedTokens;

  /** Takes the budgets of the analysis channel and of the whole output. */
  ReasoningBudget(int maxReasoningTokens, int maxTokens) {
    this.maxReasoningTokens = maxReasoningTokens;
    this.maxTokens = maxTokens;
    reservedTokens =
        END_AND_OPEN_ANSWER.length
            + Math.max(1, Math.min(MOST_ANSWER_TOKENS, maxTokens / ANSWER_SHARE));
  }

  /** What must follow so that an answer comes within the budgets; empty where nothing must yet. */
  int[] forced(StreamableParser parser, int outputTokens, int reasoningTokens, boolean answers) {
    int left = maxTokens - outputTokens;
    if (parser.inAnalysis()) {
      return reasoningTokens >= maxReasoningTokens || left <= reservedTokens
          ? END_AND_OPEN_ANSWER
          : NONE;
    }
    // Another header of the model's, then the one that is forced, would leave no token for an
    // answer.
    int headers = OPEN_ANSWER.length + END_AND_OPEN_ANSWER.length;
    boolean mayReason = parser.state() == StreamableParser.State.EXPECT_START && !answers;
    return mayReason && left <= headers + 1 ? OPEN_ANSWER : NONE;
  }

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

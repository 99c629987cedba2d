package io.github.gptoss.engine;

import io.github.gptoss.engine.constraint.compiled.Uninterrupted;
import io.github.gptoss.engine.constraint.turn.TurnGrammar;
import io.github.gptoss.engine.constraint.turn.TurnState;
import io.github.gptoss.engine.constraint.turn.TurnState.InText;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Where the turn of one request is in its grammar. Belongs to the engine's thread. */
final class ConstrainedTurn {
  private final TurnGrammar grammar;
  private TurnState state;
  private Future<TokenSet> allowed; // in this state; null before it is looked for
  private ConstraintException failure;

  ConstrainedTurn(TurnGrammar grammar) {
    this.grammar = grammar;
    state = grammar.start();
  }

  /** Begins to look for the tokens that may follow, unless it has begun. */
  void prepare(ExecutorService workers) {
    if (allowed != null) {
      return;
    }
    TurnState current = state;
    allowed =
        current instanceof InText
            ? workers.submit(() -> grammar.allowed(current))
            // Of headers and free text the grammar keeps them: not worth another thread.
            : CompletableFuture.completedFuture(grammar.allowed(current));
  }

  /** The tokens that may follow; null, for all, after a failure. */
  TokenSet allowed() {
    try {
      return Uninterrupted.get(allowed);
    } catch (ExecutionException e) {
      // A fault of one row's constraint must not take the other rows down with it.
      failure =
          e.getCause() instanceof ConstraintException cause
              ? cause
              : new ConstraintException(
                  ConstraintException.Code.UNSUPPORTED_SCHEMA,
                  "",
                  "",
                  "the tokens that may follow cannot be found: " + e.getCause());
      return null;
    }
  }

  /**
   * The only token that may follow, where that is known without its mask; negative elsewhere.
   *
   * @throws ConstraintException as {@link #take}
   */
  int only() {
    return failure == null ? grammar.only(state) : -1;
  }

  /**
   * Takes the next token.
   *
   * @param odds told of it, if its probability is known
   * @param details null where nothing more is known of it
   * @param position the tokens before it
   * @throws ConstraintException if the text goes where a constraint is beyond a limit
   */
  void take(int token, AnswerOdds odds, TokenDetails details, int position) {
    if (failure != null) {
      throw failure;
    }
    if (inAnswer() != null && details != null && details.weights() != null) {
      odds.draw(inAnswer(), token, details.weights(), position);
    }
    TurnState next = grammar.next(state, token);
    if (next == null) {
      throw new IllegalStateException("token " + token + " is not allowed in " + state);
    }
    state = next;
    allowed = null;
  }

  /** Where in the final answer the next token is; null where it is not part of it. */
  InText inAnswer() {
    return state instanceof InText text && text.end() == SpecialTokens.RETURN ? text : null;
  }

  /** The engine itself has opened the final answer. */
  void openAnswer() {
    state = grammar.answer();
    allowed = null;
  }
}

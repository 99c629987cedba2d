package io.github.gptoss.engine.constraint.turn;

import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.grammar.State;
import java.util.List;

/** Where a constrained turn is. */
public sealed interface TurnState {
  /**
   * Inside a header.
   *
   * @param places how many symbols of each header have been read; -1 where it is none of them
   */
  record InHeader(List<Integer> places) implements TurnState {}

  /**
   * Inside the text of a message that may be anything.
   *
   * @param end the special token that ends the message
   */
  record InFreeText(int end) implements TurnState {}

  /** Inside the text of a message that has to fit a constraint. */
  record InText(Constraint constraint, State state, int end) implements TurnState {}

  /** Behind the end of the turn. */
  record Ended() implements TurnState {}
}

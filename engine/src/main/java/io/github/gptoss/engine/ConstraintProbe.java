package io.github.gptoss.engine;

import io.github.gptoss.engine.constraint.AnswerType;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.compiled.Constraints;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.odds.Watched;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import java.nio.charset.StandardCharsets;

/** Looks into constraints without a model, as {@link ModelProbe} looks into models. */
public final class ConstraintProbe {
  private static final long MASK_BYTES = 64 << 20;

  private final Constraints constraints = new Constraints(MASK_BYTES);

  /**
   * Which tokens may follow a text.
   *
   * @param tokens the ordinary tokens, ascending
   * @param isComplete whether the answer may end here
   */
  public record Allowed(int[] tokens, boolean isComplete) {}

  /**
   * Compiles all constraints of a turn, so that what is wrong with them shows before any work.
   *
   * @throws ConstraintException if one cannot be compiled, or probabilities are wanted that there
   *     are not
   */
  public static void check(TurnSpec turn) {
    if (turn.answer() != null) {
      Constraint.compile(turn.answer());
    }
    turn.functions().stream()
        .filter(function -> function.arguments() != null)
        .forEach(function -> Constraint.compile(function.arguments()).requireObjects(function));
    var unused = Watched.of(turn);
  }

  /**
   * The type that the answers of a form have in common.
   *
   * @throws ConstraintException if a schema is wrong or cannot be guaranteed
   */
  public static AnswerType typeOf(ConstraintSpec spec) {
    return Constraint.type(spec);
  }

  /**
   * Whether a text is one of those that are generated under a constraint.
   *
   * @throws ConstraintException if the constraint cannot be compiled
   */
  public boolean accepts(ConstraintSpec spec, String text) {
    Constraint constraint = constraints.get(spec);
    State state = constraint.next(constraint.start(), text.getBytes(StandardCharsets.UTF_8));
    return state != null && constraint.isComplete(state);
  }

  /**
   * The tokens that may follow the beginning of an answer.
   *
   * @throws ConstraintException if the constraint cannot be compiled, or no answer begins so
   */
  public Allowed allowed(ConstraintSpec spec, byte[] prefix) {
    Constraint constraint = constraints.get(spec);
    State state = constraint.next(constraint.start(), prefix);
    if (state == null) {
      throw new ConstraintException(
          Code.INVALID_REQUEST,
          "prefix",
          "",
          "prefix begins no text of the constraint. Give the beginning of one.");
    }
    return new Allowed(constraints.mask(constraint, state).toArray(), constraint.isComplete(state));
  }
}

package io.github.gptoss.engine.constraint.text;

/** An automaton would become larger than a limit allows. The message names the limit. */
public final class LimitExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LimitExceededException(String message) {
    super(message);
  }
}

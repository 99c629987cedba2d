package io.github.gptoss.engine.constraint.grammar;

/**
 * What a text read so far can be: the innermost level and those around it.
 *
 * @param level the innermost level
 * @param frame the levels around it; null at the outermost one
 */
public record State(Level level, Frame frame) {
  @Override
  public boolean equals(Object other) {
    return other instanceof State state && level == state.level && frame == state.frame;
  }

  @Override
  public int hashCode() {
    return 31 * System.identityHashCode(level) + System.identityHashCode(frame);
  }
}

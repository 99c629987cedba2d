package io.github.gptoss.engine.constraint.grammar;

/**
 * The suspended levels around the innermost one, innermost first. Frames with equal content are the
 * same object.
 *
 * @param depth how many brackets are open
 */
record Frame(Frame outer, Level.Waiting waiting, int depth) {
  @Override
  public boolean equals(Object other) {
    return other instanceof Frame frame
        && outer == frame.outer
        && depth == frame.depth
        && waiting.equals(frame.waiting);
  }

  @Override
  public int hashCode() {
    return 31 * System.identityHashCode(outer) + waiting.hashCode();
  }
}

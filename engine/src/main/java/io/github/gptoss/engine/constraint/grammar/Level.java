package io.github.gptoss.engine.constraint.grammar;

import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * All that the text read so far can be within one nesting level. Levels with equal content are the
 * same object.
 */
public final class Level {
  /**
   * One of the things that the text can be.
   *
   * @param place where it is, or where it will be behind its lexeme
   * @param lexeme the lexeme that it is in, or null
   * @param origin which of the enclosing level's possibilities opened this level
   */
  record Thread(Place place, Lexeme lexeme, int origin) {}

  /** Where a byte leads. */
  sealed interface Step {}

  /** The byte stays in the level. */
  record Stay(Level level) implements Step {}

  /** The byte opens a level; the enclosing one goes on behind it with {@code waiting}. */
  record Open(Waiting waiting, Set<Thread> inside) implements Step {}

  /** The byte closes the level for those that opened it with one of these origins. */
  record Close(List<Integer> origins) implements Step {}

  /** No text goes on with the byte. */
  record Dead() implements Step {}

  static final Dead DEAD = new Dead();

  /** The possibilities of a level that are suspended while an inner level is open. */
  record Waiting(List<Thread> threads, int room) {}

  final Set<Thread> threads;
  final int spaces;
  final int room;
  private final Step[] steps = new Step[256];

  Level(Set<Thread> threads, int spaces, int room) {
    this.threads = threads;
    this.spaces = spaces;
    this.room = room;
  }

  Step known(int b) {
    return steps[b];
  }

  void learn(int b, Step step) {
    steps[b] = step;
  }

  /** Lets go of the levels that follow, so that they can be collected; they are made again. */
  void forget() {
    Arrays.fill(steps, null);
  }
}

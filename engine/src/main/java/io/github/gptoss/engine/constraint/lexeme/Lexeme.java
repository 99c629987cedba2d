package io.github.gptoss.engine.constraint.lexeme;

import java.util.Arrays;

/**
 * What has been read of one scalar value of a JSON text, or of a whole text, and what may follow.
 * Every state can be completed: there are no dead ends. Thread-safe; states are made when they are
 * first reached.
 */
public abstract class Lexeme {
  /** A string whose closing quotation mark has been read. */
  public static final Lexeme CLOSED =
      new Lexeme(new Object(), true) {
        @Override
        Lexeme after(int b) {
          return null;
        }
      };

  private static final Lexeme DEAD =
      new Lexeme(new Object(), false) {
        @Override
        Lexeme after(int b) {
          return null;
        }
      };

  private final Object lock;
  private final boolean isComplete;
  private final Lexeme[] next = new Lexeme[256];

  /**
   * @param lock what guards the making of further states of this automaton
   */
  Lexeme(Object lock, boolean isComplete) {
    this.lock = lock;
    this.isComplete = isComplete;
  }

  /** The state after one more byte (0 to 255), or null if no text goes on with it. */
  public final Lexeme step(int b) {
    Lexeme known = next[b];
    if (known == null) {
      synchronized (lock) {
        known = after(b);
      }
      known = known == null ? DEAD : known;
      next[b] = known;
    }
    return known == DEAD ? null : known;
  }

  abstract Lexeme after(int b);

  /** Whether what has been read is a complete value. */
  public final boolean isComplete() {
    return isComplete;
  }

  /** Whether the state lies inside a quoted string, where every byte belongs to the lexeme. */
  public boolean isQuoted() {
    return false;
  }

  /** Whether very many bytes may follow, so that what follows is worth keeping. */
  public boolean isBroad() {
    return false;
  }

  /** Whether the state lies between two characters of a text. */
  public boolean isBetweenCharacters() {
    return false;
  }

  /** Lets go of the states that follow, so that they can be collected; they are made again. */
  final void forget() {
    Arrays.fill(next, null);
  }
}

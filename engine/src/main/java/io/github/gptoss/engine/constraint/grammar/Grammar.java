package io.github.gptoss.engine.constraint.grammar;

import io.github.gptoss.engine.constraint.grammar.Level.Close;
import io.github.gptoss.engine.constraint.grammar.Level.Open;
import io.github.gptoss.engine.constraint.grammar.Level.Stay;
import io.github.gptoss.engine.constraint.grammar.Level.Step;
import io.github.gptoss.engine.constraint.grammar.Level.Thread;
import io.github.gptoss.engine.constraint.grammar.Level.Waiting;
import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The automaton of a language over bytes: JSON texts of a value, or texts of one lexeme. Brackets
 * outside strings open and close levels for all possibilities alike, so the automaton is made
 * deterministic level by level, as far as texts reach. Thread-safe.
 */
public final class Grammar {
  /** The most brackets that a text may have open. */
  static final int MAX_DEPTH = 200;

  private static final int MAX_SPACES = 64;

  /** More levels than the answers to one schema usually reach; about 20 MB. */
  private static final int MAX_STATES = 16_384;

  private record LevelKey(Set<Thread> threads, int spaces, int room) {}

  private final boolean allowsSpaces;
  private final int roomThatMatters;
  private final Thread first;
  private final Map<LevelKey, Level> levels = new HashMap<>();
  private final Map<Frame, Frame> frames = new HashMap<>();

  private Grammar(Thread first, boolean allowsSpaces, int deepest) {
    this.first = first;
    this.allowsSpaces = allowsSpaces;
    roomThatMatters = Math.min(MAX_DEPTH, deepest);
  }

  /**
   * The JSON texts of a value.
   *
   * @param values all values that can be reached from it
   */
  public static Grammar ofValue(Value root, List<Value> values, boolean allowsSpaces) {
    int deepest = values.stream().mapToInt(Value::deepestAlternative).max().orElse(0);
    return new Grammar(new Thread(new Place.Root(root), null, 0), allowsSpaces, deepest);
  }

  /** The texts of one lexeme. */
  public static Grammar ofText(Lexeme start) {
    return new Grammar(new Thread(Place.END, start, 0), false, 0);
  }

  /** The state before the first byte. */
  public synchronized State start() {
    return new State(level(Set.of(first), 0, roomThatMatters), null);
  }

  /** Whether the text read so far is complete. */
  public boolean isComplete(State state) {
    if (state.frame() != null) {
      return false;
    }
    for (Thread thread : state.level().threads) {
      if (thread.place() == Place.END
          && (thread.lexeme() == null || thread.lexeme().isComplete())) {
        return true;
      }
    }
    return false;
  }

  /** The state after one more byte (0 to 255); null if no text goes on with it. */
  public State next(State state, int b) {
    Step step = step(state.level(), b);
    if (step instanceof Stay stay) {
      return stay.level() == state.level() ? state : new State(stay.level(), state.frame());
    }
    if (step instanceof Open open) {
      return opened(state, open);
    }
    return step instanceof Close close ? closed(state.frame(), close) : null;
  }

  Step step(Level level, int b) {
    Step step = level.known(b);
    if (step == null) {
      synchronized (this) {
        step = compute(level, b);
      }
      level.learn(b, step);
    }
    return step;
  }

  State opened(State state, Open open) {
    int depth = state.frame() == null ? 1 : state.frame().depth() + 1;
    int room = Math.min(roomThatMatters, MAX_DEPTH - depth);
    synchronized (this) {
      Frame frame = new Frame(state.frame(), open.waiting(), depth);
      Frame known = frames.putIfAbsent(frame, frame);
      return new State(level(open.inside(), 0, room), known == null ? frame : known);
    }
  }

  State closed(Frame frame, Close close) {
    Waiting waiting = frame.waiting();
    synchronized (this) {
      Set<Thread> threads = new LinkedHashSet<>();
      for (int origin : close.origins()) {
        threads.add(waiting.threads().get(origin));
      }
      return new State(level(threads, 0, waiting.room()), frame.outer());
    }
  }

  /** The lexemes of the innermost level after which very many bytes may follow. */
  public Set<Lexeme> broadLexemes(State state) {
    Set<Lexeme> broad = new LinkedHashSet<>();
    for (Thread thread : state.level().threads) {
      if (thread.lexeme() != null && thread.lexeme().isBroad()) {
        broad.add(thread.lexeme());
      }
    }
    return broad;
  }

  /** The state in which a lexeme has just been completed. */
  public State behind(State state, Lexeme lexeme) {
    Set<Thread> threads = new LinkedHashSet<>();
    for (Thread thread : state.level().threads) {
      if (thread.lexeme() == lexeme) {
        threads.add(new Thread(thread.place(), null, thread.origin()));
      }
    }
    synchronized (this) {
      return new State(level(threads, 0, state.level().room), state.frame());
    }
  }

  /** The state without what is inside a lexeme of the set; null if nothing is left. */
  public State without(State state, Set<Lexeme> lexemes) {
    Set<Thread> threads = new LinkedHashSet<>();
    for (Thread thread : state.level().threads) {
      if (!lexemes.contains(thread.lexeme())) {
        threads.add(thread);
      }
    }
    synchronized (this) {
      return threads.isEmpty()
          ? null
          : new State(level(threads, state.level().spaces, state.level().room), state.frame());
    }
  }

  private Level level(Set<Thread> threads, int spaces, int room) {
    if (levels.size() + frames.size() >= MAX_STATES) {
      levels.values().forEach(Level::forget);
      levels.clear();
      frames.clear();
    }
    return levels.computeIfAbsent(
        new LevelKey(threads, spaces, room), key -> new Level(threads, spaces, room));
  }

  private static boolean isSpace(int b) {
    return b == ' ' || b == '\t' || b == '\n';
  }

  private Step compute(Level level, int b) {
    Collector moves = new Collector(level);
    for (Thread thread : level.threads) {
      moves.origin = thread.origin();
      if (thread.lexeme() == null) {
        moves.read(thread.place(), b);
        continue;
      }
      Lexeme next = thread.lexeme().step(b);
      if (next != null) {
        moves.into(next, thread.place());
      }
      if (!thread.lexeme().isQuoted() && thread.lexeme().isComplete()) {
        moves.read(thread.place(), b);
      }
    }
    return moves.step();
  }

  /** Collects where one byte leads from all possibilities of a level. */
  private final class Collector implements Place.Moves {
    private final Level level;
    private final Set<Thread> stay = new LinkedHashSet<>();
    private final Set<Thread> inside = new LinkedHashSet<>();
    private final List<Thread> waiting = new ArrayList<>();
    private final TreeSet<Integer> closed = new TreeSet<>();
    private boolean isSpaced;
    private int origin;

    Collector(Level level) {
      this.level = level;
    }

    void read(Place place, int b) {
      if (!isSpace(b)) {
        place.read(b, this);
      } else if (allowsSpaces
          && level.spaces < MAX_SPACES
          && !(place instanceof Place.Root)
          && !(place instanceof Place.End)) {
        isSpaced = true;
        stay.add(new Thread(place, null, origin));
      }
    }

    @Override
    public int room() {
      return level.room;
    }

    @Override
    public void to(Place place) {
      stay.add(new Thread(place, null, origin));
    }

    @Override
    public void into(Lexeme lexeme, Place behind) {
      stay.add(new Thread(behind, lexeme == Lexeme.CLOSED ? null : lexeme, origin));
    }

    @Override
    public void open(Place first, Place behind) {
      Thread suspended = new Thread(behind, null, origin);
      int index = waiting.indexOf(suspended);
      if (index < 0) {
        index = waiting.size();
        waiting.add(suspended);
      }
      inside.add(new Thread(first, null, index));
    }

    @Override
    public void close() {
      closed.add(origin);
    }

    Step step() {
      if (!stay.isEmpty()) {
        return new Stay(level(stay, isSpaced ? level.spaces + 1 : 0, level.room));
      }
      if (!inside.isEmpty()) {
        return new Open(new Waiting(List.copyOf(waiting), level.room), inside);
      }
      return closed.isEmpty() ? Level.DEAD : new Close(List.copyOf(closed));
    }
  }
}

package io.github.gptoss.engine.constraint.compiled;

import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.LruMap;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Constraints and masks that rows share. What was used longest ago is dropped where there are too
 * many; it is made again when it is asked for, so no answer depends on it. Thread-safe.
 */
public final class Constraints {
  private static final int MAX_CONSTRAINTS = 64;

  /** Bits of a vocabulary of 201,088 ids. */
  private static final int MASK_BYTES = 25_136;

  private final Map<ConstraintSpec, FutureTask<Constraint>> compiled =
      new LruMap<>(MAX_CONSTRAINTS);
  private final Map<Key, TokenSet> masks;

  private record Key(Constraint constraint, State state) {}

  /**
   * @param maskBytes how much memory the masks may take
   */
  public Constraints(long maskBytes) {
    masks = new LruMap<>((int) Math.max(1, Math.min(1 << 20, maskBytes / MASK_BYTES)));
  }

  /**
   * The compiled form of a specification. Compiles it once, also where it is wrong.
   *
   * @throws io.github.gptoss.engine.error.ConstraintException as {@link Constraint#compile}
   */
  public Constraint get(ConstraintSpec spec) {
    FutureTask<Constraint> task;
    synchronized (compiled) {
      task = compiled.computeIfAbsent(spec, s -> new FutureTask<>(() -> Constraint.compile(s)));
    }
    task.run();
    try {
      return Uninterrupted.get(task);
    } catch (ExecutionException | CancellationException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    }
  }

  /** The tokens that may follow, as {@link Constraint#mask}. */
  public TokenSet mask(Constraint constraint, State state) {
    Key key = new Key(constraint, state);
    synchronized (masks) {
      TokenSet known = masks.get(key);
      if (known != null) {
        return known;
      }
    }
    TokenSet mask = constraint.mask(state);
    synchronized (masks) {
      masks.put(key, mask);
    }
    return mask;
  }
}

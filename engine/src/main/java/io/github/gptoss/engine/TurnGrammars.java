package io.github.gptoss.engine;

import io.github.gptoss.engine.constraint.LruMap;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.constraint.compiled.Constraints;
import io.github.gptoss.engine.constraint.odds.Watched;
import io.github.gptoss.engine.constraint.turn.TurnGrammar;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The compiled turns of an engine, and the threads that look for allowed tokens. Thread-safe. */
final class TurnGrammars implements AutoCloseable {
  /** Bounds what masks take of memory, about 10,000 of them. */
  private static final long MASK_BYTES = 256L << 20;

  private static final int MAX_TURNS = 64;
  private static final int MOST_THREADS = 4;

  private final Constraints constraints = new Constraints(MASK_BYTES);

  private final Map<TurnSpec, CompiledTurn> compiled = new LruMap<>(MAX_TURNS);

  private final ExecutorService workers =
      Executors.newFixedThreadPool(
          Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()),
          work -> {
            Thread thread = new Thread(work, "gptoss-mask");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * A turn; null where nothing of it is constrained.
   *
   * @throws io.github.gptoss.engine.error.ConstraintException if a constraint cannot be compiled,
   *     or probabilities of members are wanted that have none
   */
  CompiledTurn get(TurnSpec spec) {
    if (!spec.isConstrained()) {
      return null;
    }
    synchronized (compiled) {
      CompiledTurn known = compiled.get(spec);
      if (known != null) {
        return known;
      }
    }
    CompiledTurn fresh = new CompiledTurn(new TurnGrammar(spec, constraints), Watched.of(spec));
    synchronized (compiled) {
      CompiledTurn known = compiled.putIfAbsent(spec, fresh);
      return known == null ? fresh : known;
    }
  }

  /** Where masks are made while the device computes. */
  ExecutorService workers() {
    return workers;
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}

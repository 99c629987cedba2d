package io.github.gptoss.engine.constraint.compiled;

import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.LruMap;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.mask.LexemeMasks;
import io.github.gptoss.engine.constraint.mask.MaskCache;
import io.github.gptoss.engine.json.UntrustedText;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Constraints and masks that rows share. What was used longest ago is dropped where there are too
 * many; it is made again when it is asked for, so no answer depends on it. Thread-safe.
 */
public final class Constraints {
  private static final Logger LOG = LoggerFactory.getLogger(Constraints.class);
  private static final int MAX_CONSTRAINTS = 64;
  private static final int MAX_WARNED = 10_000;
  private static final int MAX_NAMED = 10;

  private final Map<ConstraintSpec, FutureTask<Constraint>> compiled =
      new LruMap<>(MAX_CONSTRAINTS);
  private final MaskCache<Object, TokenSet> masks;
  private final LexemeMasks lexemes;
  private final Consumer<String> warnings;

  /** Hashes of the specifications that have been warned of. */
  private final Map<Integer, Boolean> warned = new LruMap<>(MAX_WARNED);

  /**
   * @param maskBytes how much memory masks, and what they are made from, may take
   */
  public Constraints(long maskBytes) {
    this(maskBytes, LOG::warn);
  }

  Constraints(long maskBytes, Consumer<String> warnings) {
    this.warnings = warnings;
    lexemes = new LexemeMasks(maskBytes / 4);
    masks = new MaskCache<>(maskBytes - maskBytes / 4, TokenSet::bytes);
  }

  /**
   * The compiled form of a specification. Compiles it once, also where it is wrong.
   *
   * @throws io.github.gptoss.engine.error.ConstraintException as {@link Constraint#compile}
   */
  public Constraint get(ConstraintSpec spec) {
    FutureTask<Constraint> task;
    synchronized (compiled) {
      task = compiled.computeIfAbsent(spec, s -> new FutureTask<>(() -> compile(s)));
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

  private Constraint compile(ConstraintSpec spec) {
    Constraint constraint = Constraint.compile(spec);
    if (!constraint.ignored().isEmpty() && isFirstWarning(spec)) {
      String ignored =
          constraint.ignored().stream()
              .sorted()
              .limit(MAX_NAMED)
              .map(UntrustedText::quote)
              .collect(Collectors.joining(", "));
      warnings.accept(
          "a schema holds what is not enforced, and is ignored: "
              + ignored
              + (constraint.ignored().size() > MAX_NAMED ? " and others" : ""));
    }
    return constraint;
  }

  private boolean isFirstWarning(ConstraintSpec spec) {
    synchronized (warned) {
      return warned.put(spec.hashCode(), true) == null;
    }
  }

  /** The tokens that may follow, as {@link Constraint#mask}. */
  public TokenSet mask(Constraint constraint, State state) {
    return mask(constraint, state, () -> constraint.mask(state, lexemes));
  }

  /**
   * A set of tokens that is kept.
   *
   * @param owner what the key belongs to
   * @param maker makes the set where it is not kept
   */
  public TokenSet mask(Object owner, Object key, Supplier<TokenSet> maker) {
    TokenSet known = masks.get(owner, key);
    if (known == null) {
      known = maker.get();
      masks.put(owner, key, known);
    }
    return known;
  }
}

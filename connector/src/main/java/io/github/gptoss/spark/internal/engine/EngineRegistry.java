package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.spark.internal.completions.SharedCompletions;
import io.github.gptoss.spark.internal.models.CopyProgress;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one engine of this JVM, shared by all its tasks and loaded for the first that needs it. It
 * stays open between tasks. A task that asks for other settings while the engine is in use is
 * refused, since two models would fight for the same memory and cores; once no task uses it, the
 * engine is closed and the other one takes its place.
 *
 * <p>After an engine died, an executor ends itself so that Spark puts another one in its place:
 * what a device or a native library is left in cannot be trusted. Where the driver runs the tasks
 * there is no other: a few times a new engine is opened, then no more.
 */
public final class EngineRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(EngineRegistry.class);
  private static final EngineRegistry SHARED =
      new EngineRegistry(OpenedEngine::open, ExecutorProcess.CURRENT);

  /** Engines that are opened anew in a process that cannot be replaced. */
  static final int MAX_REOPENS = 3;

  /** How long the tasks of a dead engine have to end before the executor does. */
  private static final long TASKS_END_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Function<EngineConfig, CompletionEngine> opener;
  private final ExecutorProcess process;
  private EngineEntry entry;
  private int deaths;

  /** Not null once this executor is to end; new tasks wait for that here. */
  private CompletableFuture<CompletionEngine> ending;

  public EngineRegistry(Function<EngineConfig, CompletionEngine> opener, ExecutorProcess process) {
    this.opener = opener;
    this.process = process;
  }

  /** This JVM's. */
  public static EngineRegistry shared() {
    return SHARED;
  }

  /**
   * The registry's engine as seen by those who do not use it.
   *
   * @param config null where there is no engine
   * @param engine null until it is open
   * @param copying how far copying its model is; null where nothing was copied
   * @param isDead whether it serves no request any more
   */
  public record Status(
      EngineConfig config, CompletionEngine engine, CopyProgress copying, boolean isDead) {
    static final Status NONE = new Status(null, null, null, false);
  }

  /**
   * The right to use the engine until it is closed, or its work has ended; closing twice is closing
   * once.
   */
  public final class Lease implements AutoCloseable {
    private final EngineEntry leased;
    private final CompletionEngine engine;
    private final Work scope;
    private boolean closed;

    private Lease(EngineEntry leased, CompletionEngine engine, Work scope) {
      this.leased = leased;
      this.engine = engine;
      this.scope = scope;
    }

    public CompletionEngine engine() {
      return engine;
    }

    public SharedCompletions completions() {
      return leased.completions;
    }

    public EngineConfig config() {
      return leased.config;
    }

    boolean closeIfEnded() {
      boolean ended = scope.hasEnded();
      if (ended) {
        close();
      }
      return ended;
    }

    @Override
    public void close() {
      synchronized (EngineRegistry.this) {
        if (!closed) {
          closed = true;
          leave(leased, scope);
        }
      }
    }
  }

  /**
   * Takes part in the engine with these settings, and has it opened if need be.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if other settings are in use;
   *     names what differs
   * @throws io.github.gptoss.engine.error.GptOssException if the engine cannot be opened, in which
   *     case the next call tries again, or if it died too often
   */
  public Lease acquire(EngineConfig config, Work scope) {
    return acquire(config, opening -> config, scope);
  }

  /**
   * Takes part in the engine that these options ask for; same terms. Its model is brought to this
   * machine before it is opened.
   */
  public Lease acquire(OptionValues options, Work scope) {
    // The task's device, hence on the task's thread.
    UnaryOperator<EngineConfig> placed = GpuDevice.ofThisThread();
    return acquire(placed.apply(options.engineConfig()), local(options, placed), scope);
  }

  private static Function<EngineEntry, EngineConfig> local(
      OptionValues options, UnaryOperator<EngineConfig> placed) {
    return opening -> placed.apply(opening.local(options));
  }

  /**
   * Has the engine opened that these options ask for, before any task needs it. Takes no part in
   * it: a task that asks for another one meanwhile gets that, after this one.
   *
   * @return the engine, or why it cannot be opened
   * @throws io.github.gptoss.engine.error.InvalidConfigException if other settings are in use
   */
  public CompletableFuture<CompletionEngine> preload(OptionValues options) {
    UnaryOperator<EngineConfig> placed = GpuDevice.ofThisThread();
    return preload(placed.apply(options.engineConfig()), local(options, placed));
  }

  synchronized CompletableFuture<CompletionEngine> preload(
      EngineConfig config, Function<EngineEntry, EngineConfig> local) {
    return ending == null ? entryFor(config, local).engine.copy() : ending.copy();
  }

  private Lease acquire(
      EngineConfig config, Function<EngineEntry, EngineConfig> local, Work scope) {
    EngineEntry mine = null;
    CompletableFuture<CompletionEngine> engine;
    synchronized (this) {
      if (entry != null && entry.isDead()) {
        bury(entry);
      }
      if (ending == null) {
        mine = entryFor(config, local);
        mine.enter(scope);
        engine = mine.engine;
      } else {
        // A task that failed here and now would be sent here again, until its attempts are used up.
        engine = ending;
      }
    }
    try {
      return new Lease(mine, scope.await(engine), scope);
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        if (mine != null) {
          leave(mine, scope);
        }
      }
      throw e;
    }
  }

  private EngineEntry entryFor(EngineConfig config, Function<EngineEntry, EngineConfig> local) {
    if (entry != null && entry.config.equals(config)) {
      return entry;
    }
    if (deaths > MAX_REOPENS) {
      throw ExecutorErrors.engineKeepsDying(deaths);
    }
    if (entry != null && entry.isUsed()) {
      throw ExecutorErrors.conflict(entry.config, config);
    }
    if (entry != null) {
      LOG.warn("closing the idle engine {} to open {}", entry.config, config);
    }
    EngineEntry before = entry;
    EngineEntry opening = new EngineEntry(config);
    entry = opening;
    // Its own thread: Spark may kill the task that came first, and others wait for the same engine.
    DaemonThreads.start("gptoss-engine-opener", () -> open(opening, local, before));
    return opening;
  }

  private void open(
      EngineEntry opening, Function<EngineEntry, EngineConfig> local, EngineEntry before) {
    try {
      if (before != null) {
        before.close().join();
      }
      opening.engine.complete(opener.apply(local.apply(opening)));
    } catch (Throwable t) {
      // Errors too: tasks wait for a future that no other code completes.
      synchronized (this) {
        if (entry == opening) {
          entry = null;
        }
      }
      opening.releaseModel();
      opening.engine.completeExceptionally(t);
    }
  }

  private synchronized void leave(EngineEntry leased, Work scope) {
    leased.leave(scope);
    if (entry == leased && leased.isDead()) {
      bury(leased);
    }
    notifyAll();
  }

  private void bury(EngineEntry dead) {
    entry = null;
    deaths++;
    if (!process.isReplaceable()) {
      LOG.warn("the engine died, time {} in this process: {}", deaths, dead.config);
      return;
    }
    LOG.error("the engine died: this executor ends so that Spark replaces it: {}", dead.config);
    ending = new CompletableFuture<>();
    DaemonThreads.start("gptoss-executor-end", () -> end(dead));
  }

  /** Lets the engine's tasks end, so that each reports the engine's error, then ends the JVM. */
  private void end(EngineEntry dead) {
    long startNanos = System.nanoTime();
    try {
      synchronized (this) {
        long leftNanos = TASKS_END_NANOS;
        while (dead.isUsed() && leftNanos > 0) {
          TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
          leftNanos = TASKS_END_NANOS - (System.nanoTime() - startNanos);
        }
      }
      process.exit();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ending.completeExceptionally(ExecutorErrors.executorEnds());
  }

  /** The engine if one is open and alive; for those who watch it without using it. */
  public synchronized Optional<CompletionEngine> opened() {
    return entry == null || entry.isDead() ? Optional.empty() : entry.opened();
  }

  /** What there is now; for those who watch it without using it. */
  public synchronized Status view() {
    return entry == null
        ? Status.NONE
        : new Status(entry.config, entry.opened().orElse(null), entry.copying, entry.isDead());
  }

  /** Closes the engine if no lease is held. Returns whether there is none open now. */
  public boolean closeIdle() {
    EngineEntry idle;
    synchronized (this) {
      if (entry != null && entry.isUsed()) {
        return false;
      }
      idle = entry;
      entry = null;
    }
    if (idle != null) {
      idle.close().join();
    }
    return true;
  }
}

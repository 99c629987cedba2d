package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.model.CopyListener;
import io.github.gptoss.spark.model.ModelLocator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one engine of this JVM, shared by all its tasks and loaded by the first that needs it. It
 * stays open between tasks. A task that asks for other settings while the engine is in use is
 * refused, since two models would fight for the same memory and cores; once nobody uses it, the
 * engine is closed and the other one takes its place.
 */
public final class EngineRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(EngineRegistry.class);
  private static final EngineRegistry SHARED = new EngineRegistry(OpenedEngine::open);

  private final Function<EngineConfig, CompletionEngine> opener;
  private Entry entry;

  EngineRegistry(Function<EngineConfig, CompletionEngine> opener) {
    this.opener = opener;
  }

  /** This JVM's. */
  public static EngineRegistry shared() {
    return SHARED;
  }

  private static final class Entry {
    final EngineConfig config;
    final Supplier<EngineConfig> local;
    final CompletableFuture<CompletionEngine> engine = new CompletableFuture<>();
    int leases;

    Entry(EngineConfig config, Supplier<EngineConfig> local) {
      this.config = config;
      this.local = local;
    }

    boolean isDead() {
      CompletionEngine opened = engine.isCompletedExceptionally() ? null : engine.getNow(null);
      return opened != null && !opened.isAlive();
    }
  }

  /** The right to use the engine until it is closed; closing twice is closing once. */
  public final class Lease implements AutoCloseable {
    private final Entry leased;
    private final CompletionEngine engine;
    private boolean closed;

    private Lease(Entry leased, CompletionEngine engine) {
      this.leased = leased;
      this.engine = engine;
    }

    public CompletionEngine engine() {
      return engine;
    }

    @Override
    public void close() {
      synchronized (EngineRegistry.this) {
        if (!closed) {
          closed = true;
          leased.leases--;
        }
      }
    }
  }

  /**
   * Takes part in the engine with these settings, and opens it if need be.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if other settings are in use;
   *     names both
   * @throws io.github.gptoss.engine.error.GptOssException if the engine cannot be opened; the next
   *     call tries again
   */
  public Lease acquire(EngineConfig config, TaskScope scope) {
    return acquire(config, () -> config, scope);
  }

  /**
   * Takes part in the engine that these options ask for; same terms. Whoever opens it brings its
   * model to this machine first.
   */
  public Lease acquire(OptionValues options, TaskScope scope) {
    return acquire(
        options.engineConfig(),
        () -> options.engineConfig(ModelLocator.localModel(options, CopyListener.NONE)),
        scope);
  }

  private Lease acquire(EngineConfig config, Supplier<EngineConfig> local, TaskScope scope) {
    Entry mine;
    boolean opens = false;
    synchronized (this) {
      if (entry != null && entry.isDead()) {
        LOG.warn("the engine {} died: opening another one", entry.config);
        entry = null;
      }
      if (entry != null && !entry.config.equals(config)) {
        if (entry.leases > 0) {
          throw ExecutorErrors.conflict(entry.config, config);
        }
        LOG.warn("closing the idle engine {} to open {}", entry.config, config);
        closeIdle();
      }
      if (entry == null) {
        entry = new Entry(config, local);
        opens = true;
      }
      mine = entry;
      mine.leases++;
    }
    if (opens) {
      open(mine);
    }
    try {
      return new Lease(mine, scope.await(mine.engine));
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        mine.leases--;
      }
      throw e;
    }
  }

  private void open(Entry mine) {
    try {
      mine.engine.complete(opener.apply(mine.local.get()));
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        if (entry == mine) {
          entry = null;
        }
      }
      mine.engine.completeExceptionally(e);
    }
  }

  /** Closes the engine if nobody uses it. Returns whether there is none open now. */
  public synchronized boolean closeIdle() {
    if (entry != null && entry.leases == 0) {
      CompletionEngine engine = entry.engine.getNow(null);
      entry = null;
      if (engine != null) {
        engine.close();
      }
    }
    return entry == null;
  }

  /** {@link GptOssEngine} as the connector sees it. */
  private record OpenedEngine(GptOssEngine engine) implements CompletionEngine {
    static CompletionEngine open(EngineConfig config) {
      return new OpenedEngine(GptOssEngine.open(config));
    }

    @Override
    public CompletableFuture<GenerationResult> submit(GenerationRequest request)
        throws InterruptedException {
      return engine.submit(request);
    }

    @Override
    public boolean isAlive() {
      return engine.isAlive();
    }

    @Override
    public EngineStats stats() {
      return engine.stats();
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}

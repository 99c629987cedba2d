package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.budget.BudgetedRow;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionKeys;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.Generation;
import io.github.gptoss.spark.internal.completions.SharedCompletions;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * Where the completions of one task come from: from what an earlier run kept, from the cache that
 * runs share, from another row of the stage that asks the same, or from the engine, where the
 * budget allows it. Belongs to the task's thread.
 */
final class CompletionSource implements AutoCloseable {
  private static final Consumer<GenerationResult> KEEP_NOTHING = result -> {};
  private static final BiConsumer<Generation, GenerationResult> UNSHARED = (ended, done) -> {};

  private final EngineRegistry.Lease lease;
  private final SharedCompletions.Stage stage;
  private final CompletionStore store;
  private final CompletionStore cache;
  private final Admission admission;
  private final CompletionKeys keys;

  /** Is shown a completion that is kept, as {@link CompletionStore.Found}, and where it was. */
  @FunctionalInterface
  interface Kept {
    void at(CompletionVectors vectors, int row, CompletionOrigin origin);
  }

  /**
   * @param stage where rows share; null if they do not
   * @param store null if nothing is kept
   * @param cache the same of what runs share
   * @param admission to the engine; closed with this
   */
  CompletionSource(
      String model,
      EngineRegistry.Lease lease,
      SharedCompletions.Stage stage,
      CompletionStore store,
      CompletionStore cache,
      Admission admission) {
    this.lease = lease;
    this.stage = stage;
    this.store = store;
    this.cache = cache;
    this.admission = admission;
    keys =
        stage == null && store == null && cache == null
            ? null
            : new CompletionKeys(model, lease.config().backend(), lease.engine().info());
  }

  /** This task's, with stores of its own. */
  static CompletionSource open(
      CompletionCall call,
      EngineRegistry.Lease lease,
      Supplier<Admission> admission,
      CompletionStore.Factory stores,
      CompletionStore.Factory caches) {
    CompletionStore store = stores.open();
    CompletionStore cache = null;
    try {
      cache = caches.open();
      return new CompletionSource(
          call.model(), lease, call.deduplicate() ? stage() : null, store, cache, admission.get());
    } catch (RuntimeException | Error e) {
      close(store, cache, Admission.FREE);
      throw e;
    }
  }

  /** Null where there is none. */
  private static SharedCompletions.Stage stage() {
    TaskContext task = TaskContext.get();
    return task == null
        ? null
        : new SharedCompletions.Stage(SparkEnv.get().conf().getAppId(), task.stageId());
  }

  /** What the engine's context holds, prompt and completion together. */
  int contextTokens() {
    return lease.engine().info().maxModelLen();
  }

  /**
   * Asks for a completion; the request's prompt is borrowed until this returns.
   *
   * @param row to which it belongs, as the budget knows it
   * @param kept is shown the completion if it is kept
   * @return what to wait for; null if the completion was shown
   */
  Generation.Ticket ask(GenerationRequest request, BudgetedRow row, Kept kept)
      throws InterruptedException {
    Generation.Submission submission = () -> admission.submit(request, lease.engine(), row);
    if (keys == null) {
      return new Generation(UNSHARED).join(submission, KEEP_NOTHING);
    }
    CompletionKey key = keys.of(request);
    if (find(store, key, CompletionOrigin.RESUMED, kept)
        || find(cache, key, CompletionOrigin.CACHED, kept)) {
      return null;
    }
    Consumer<GenerationResult> generated =
        store == null && cache == null ? KEEP_NOTHING : result -> put(key, result);
    return stage == null
        ? new Generation(UNSHARED).join(submission, generated)
        : lease.completions().ask(stage, key, submission, generated);
  }

  private static boolean find(
      CompletionStore from, CompletionKey key, CompletionOrigin origin, Kept kept) {
    return from != null && from.find(key, (vectors, row) -> kept.at(vectors, row, origin));
  }

  private void put(CompletionKey key, GenerationResult result) {
    if (store != null) {
      store.put(key, result);
    }
    if (cache != null) {
      cache.put(key, result);
    }
  }

  @Override
  public void close() {
    close(store, cache, admission);
  }

  private static void close(CompletionStore store, CompletionStore cache, Admission admission) {
    // Those that are null need not be closed.
    try (admission;
        cache;
        store) {
      // Nothing is left to do with them.
    }
  }
}

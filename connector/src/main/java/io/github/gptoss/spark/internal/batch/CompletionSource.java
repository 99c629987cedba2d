package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionKeys;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.Generation;
import io.github.gptoss.spark.internal.completions.SharedCompletions;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * Where the completions of one task come from: from what an earlier run kept, from another row of
 * the stage that asks the same, or from the engine. Belongs to the task's thread.
 */
final class CompletionSource implements AutoCloseable {
  private static final Consumer<GenerationResult> KEEP_NOTHING = result -> {};
  private static final BiConsumer<Generation, GenerationResult> UNSHARED = (ended, done) -> {};

  private final EngineRegistry.Lease lease;
  private final SharedCompletions.Stage stage;
  private final CompletionStore store;
  private final CompletionKeys keys;

  /**
   * @param stage where rows share; null if they do not
   * @param store null if nothing is kept
   */
  CompletionSource(
      String model,
      EngineRegistry.Lease lease,
      SharedCompletions.Stage stage,
      CompletionStore store) {
    this.lease = lease;
    this.stage = stage;
    this.store = store;
    keys =
        stage == null && store == null
            ? null
            : new CompletionKeys(model, lease.config().backend(), lease.engine().info());
  }

  /** This task's, with a store of its own. */
  static CompletionSource open(
      CompletionCall call, EngineRegistry.Lease lease, CompletionStore.Factory stores) {
    return new CompletionSource(
        call.model(), lease, call.deduplicate() ? stage() : null, stores.open());
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
   * @param resumed is shown the completion if it is kept
   * @return what to wait for; null if the completion was shown
   */
  Generation.Ticket ask(GenerationRequest request, CompletionStore.Found resumed)
      throws InterruptedException {
    Generation.Submission submission = () -> lease.engine().submit(request);
    if (keys == null) {
      return new Generation(UNSHARED).join(submission, KEEP_NOTHING);
    }
    CompletionKey key = keys.of(request);
    if (store != null && store.find(key, resumed)) {
      return null;
    }
    Consumer<GenerationResult> generated =
        store == null ? KEEP_NOTHING : result -> store.put(key, result);
    return stage == null
        ? new Generation(UNSHARED).join(submission, generated)
        : lease.completions().ask(stage, key, submission, generated);
  }

  @Override
  public void close() {
    if (store != null) {
      store.close();
    }
  }
}

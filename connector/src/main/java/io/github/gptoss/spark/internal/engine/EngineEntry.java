package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.spark.internal.completions.SharedCompletions;
import io.github.gptoss.spark.internal.models.CopyProgress;
import io.github.gptoss.spark.internal.models.LocalModel;
import io.github.gptoss.spark.internal.models.ModelLocator;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An engine of the registry, from before it is opened; guarded by the registry. */
final class EngineEntry {
  final EngineConfig config;
  final CompletableFuture<CompletionEngine> engine = new CompletableFuture<>();
  final SharedCompletions completions = new SharedCompletions();

  /** The model's copy, which stays in the cache while the engine is open; null before. */
  private volatile LocalModel model;

  /** How far copying the model is; null where nothing was copied. */
  volatile CopyProgress copying;

  /** One for each use; those of ended work count no more. */
  private final List<Work> users = new ArrayList<>();

  EngineEntry(EngineConfig config) {
    this.config = config;
  }

  /** Brings the model to this machine. */
  EngineConfig local(OptionValues options) {
    model = ModelLocator.localModel(options, progress -> copying = progress);
    return options.engineConfig(model.path(), model.adapters());
  }

  /** Lets the model's copy be removed. */
  void releaseModel() {
    if (model != null) {
      model.close();
    }
  }

  void enter(Work user) {
    users.add(user);
  }

  void leave(Work user) {
    users.remove(user);
  }

  boolean isUsed() {
    users.removeIf(Work::hasEnded);
    return !users.isEmpty();
  }

  Optional<CompletionEngine> opened() {
    return engine.isCompletedExceptionally()
        ? Optional.empty()
        : Optional.ofNullable(engine.getNow(null));
  }

  boolean isDead() {
    return opened().map(opened -> !opened.isAlive()).orElse(false);
  }

  /** Closes the engine, once it is open if it is being opened; one that failed to is closed. */
  CompletableFuture<Void> close() {
    return engine.handle(
        (opened, failure) -> {
          if (opened != null) {
            opened.close();
          }
          releaseModel();
          return null;
        });
  }
}

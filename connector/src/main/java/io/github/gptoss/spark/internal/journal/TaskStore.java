package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionStore;

/** One task's view of a journal that all tasks of its executor share. */
record TaskStore(SharedJournal journal) implements CompletionStore {
  @Override
  public boolean find(CompletionKey key, Found found) {
    return journal.find(key, found);
  }

  @Override
  public void put(CompletionKey key, GenerationResult result) {
    journal.put(key, result);
  }

  @Override
  public void close() {
    // What is not written yet is not waited for: a task that is killed is interrupted, and could
    // not write.
    journal.leave();
  }
}

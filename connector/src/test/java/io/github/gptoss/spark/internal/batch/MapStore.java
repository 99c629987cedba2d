package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.RowShare;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A journal in a map, which outlives it.
 *
 * @param whenClosed told of the journal's end
 */
record MapStore(Map<CompletionKey, GenerationResult> journal, Runnable whenClosed)
    implements CompletionStore {
  @Override
  public boolean find(CompletionKey key, Found found) {
    GenerationResult kept = journal.get(key);
    if (kept == null) {
      return false;
    }
    try (BufferAllocator memory = ArrowMemory.newChild("journal");
        CompletionVectors vectors = CompletionVectors.ofSamples(true, memory)) {
      vectors.append(kept, RowShare.NONE);
      found.at(vectors, 0);
    }
    return true;
  }

  @Override
  public void put(CompletionKey key, GenerationResult result) {
    journal.put(key, result);
  }

  @Override
  public void close() {
    whenClosed.run();
  }
}

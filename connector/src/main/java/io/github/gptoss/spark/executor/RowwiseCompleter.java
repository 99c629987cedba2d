package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.conf.OptionValues;
import java.io.Serializable;
import java.nio.IntBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.Row;

/** Completes one prompt at a time through this JVM's engine: for callers that see single rows. */
public final class RowwiseCompleter implements Serializable {
  private static final long serialVersionUID = 1L;

  private final OptionValues options;
  private transient CompletionCall call;

  public RowwiseCompleter(OptionValues options) {
    this.options = options;
  }

  private synchronized CompletionCall call() {
    if (call == null) {
      call =
          CompletionCall.of(
              options, new HarmonyPromptRenderer(options, false), CompletionObserver.NONE);
    }
    return call;
  }

  /** The prompt's completion struct; what is wrong with the prompt is in its error fields. */
  public Row complete(String prompt) {
    CompletionCall call = call();
    int[] ids;
    try {
      ids = call.renderer().render(prompt);
    } catch (InvalidRequestException e) {
      return CompletionRows.of(GenerationResult.failed(e.code(), e.getMessage(), 0));
    }
    TaskScope scope = TaskScope.current();
    try (EngineRegistry.Lease lease = EngineRegistry.shared().acquire(options, scope)) {
      CompletableFuture<GenerationResult> result =
          lease.engine().submit(call.template().request(IntBuffer.wrap(ids)));
      try {
        return CompletionRows.of(scope.await(result));
      } finally {
        // Does nothing where the result is there, and else drops what nobody waits for any more.
        result.cancel(true);
      }
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
  }
}

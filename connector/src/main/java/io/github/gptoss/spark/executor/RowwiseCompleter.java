package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.conf.OptionValues;
import java.io.Serializable;
import java.nio.IntBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.Row;

/** Completes one row at a time through this JVM's engine: for callers that see single rows. */
public final class RowwiseCompleter implements Serializable {
  private static final long serialVersionUID = 1L;

  private final OptionValues options;
  private final boolean includeTokens;
  private transient CompletionCall call;

  /**
   * @param includeTokens whether completions carry the token ids
   */
  public RowwiseCompleter(OptionValues options, boolean includeTokens) {
    this.options = options;
    this.includeTokens = includeTokens;
  }

  private synchronized CompletionCall call() {
    if (call == null) {
      call = CompletionCall.of(options, HarmonyPromptRenderer::new, CompletionObserver.NONE);
    }
    return call;
  }

  /**
   * The row's completion struct; what is wrong with the row is in its error fields.
   *
   * @throws InvalidRequestException where option {@code fail_on_error} is true and the row failed
   */
  public Row complete(PromptRow row) {
    RowParameters parameters = call().parameters();
    int[] ids = {};
    GenerationResult result;
    try {
      RequestTemplate template = parameters.template(row.orRefusal());
      ids = parameters.renderer(row).render(row.input(), row.isMessages());
      result = generate(template, ids);
    } catch (InvalidRequestException e) {
      result = GenerationResult.failed(e.code(), e.getMessage(), 0);
    }
    CompletionCounters.shared().count(result, CompletionOrigin.GENERATED);
    if (call().failOnError() && result.error() != null) {
      throw ExecutorErrors.rowFailed(result.error().code());
    }
    return includeTokens ? CompletionRows.of(result, ids) : CompletionRows.of(result);
  }

  private GenerationResult generate(RequestTemplate template, int[] ids) {
    TaskScope scope = TaskScope.current();
    try (TaskLease lease = TaskLease.acquire(options, scope)) {
      CompletableFuture<GenerationResult> result =
          lease.engine().submit(template.request(IntBuffer.wrap(ids)));
      try {
        return scope.await(result);
      } finally {
        // Does nothing where the result is there, and else drops what nobody waits for any more.
        result.cancel(true);
      }
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
  }
}

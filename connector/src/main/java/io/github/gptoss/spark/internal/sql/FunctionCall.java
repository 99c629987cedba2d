package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.Serializable;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/**
 * What is the same for every row of a call; what a row asks is a request of {@code RequestSchema}.
 *
 * @param name how plans show the call
 * @param isMessages whether requests hold message JSON rather than a prompt
 * @param constants the options that the call itself sets, which plans show
 * @param promptVersion of the prompt that a task function has of its own, which plans show; null
 *     where the prompt is the user's
 * @param options all of them: {@code constants} over the session's configuration
 * @param completion the type of the completions
 * @param observer is told of every completion, beside the operator's own metrics
 * @param stores where completions are kept and found again
 * @param areBegun whether another call has begun these rows, so that a budget refuses none of them
 */
public record FunctionCall(
    String name,
    boolean isMessages,
    Map<OptionKey, String> constants,
    String promptVersion,
    OptionValues options,
    CompletionType completion,
    CompletionObserver observer,
    CompletionStore.Factory stores,
    boolean areBegun)
    implements Serializable {

  public StructType type() {
    return completion.struct();
  }
}

package io.github.gptoss.spark.executor;

import org.apache.spark.sql.catalyst.InternalRow;

/**
 * How the batching core reads a row and completes it; the one place where it matters whether rows
 * are Spark's external or internal ones.
 *
 * @param <I> a row that comes in; must stay as it is while it is held
 * @param <O> a row that goes out
 */
public interface RowAdapter<I, O> {
  /**
   * What the row asks; null where it asks nothing, and goes out without a completion.
   *
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the row asks what cannot be
   *     served, which becomes its error
   */
  PromptRow input(I row);

  /** Bytes that holding the row takes, roughly. */
  long heldBytes(I row);

  /**
   * The row with its completion.
   *
   * @param completion a view that is valid during the call; null where the row asked nothing
   */
  O complete(I row, InternalRow completion);
}

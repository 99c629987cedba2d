package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.batch.RowwiseCompleter;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.RequestRows;
import org.apache.spark.sql.catalyst.InternalRow;

/** A call that nothing batches: one row at a time, through the same engine. */
final class RowwiseCalls {
  private final FunctionCall call;
  private final RowwiseCompleter completer;

  RowwiseCalls(FunctionCall call) {
    this.call = call;
    completer =
        new RowwiseCompleter(call.options(), call.options().booleanValue(OptionKey.INCLUDE_TOKENS));
  }

  /**
   * @param request a struct of {@code RequestSchema}
   */
  InternalRow complete(InternalRow request) {
    return completer.complete(RequestRows.promptRow(request, call.isMessages()), InternalRow::copy);
  }
}

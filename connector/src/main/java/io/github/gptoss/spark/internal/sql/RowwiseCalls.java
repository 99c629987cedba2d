package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.batch.RowwiseCompleter;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.prompts.RequestRows;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.trees.Origin;

/** A call that nothing batches: one row at a time, through the same engine. */
final class RowwiseCalls {
  private final FunctionCall call;
  private final String place;
  private final RowwiseCompleter completer;

  RowwiseCalls(FunctionCall call, Origin origin) {
    this.call = call;
    place = SparkFaults.place(origin);
    completer =
        new RowwiseCompleter(call.options(), call.options().booleanValue(OptionKey.INCLUDE_TOKENS));
  }

  /**
   * @param request a struct of {@code RequestSchema}
   */
  InternalRow complete(InternalRow request) {
    return SparkFaults.inTask(
        place,
        () ->
            completer.complete(
                RequestRows.promptRow(request, call.isMessages()), InternalRow::copy));
  }
}

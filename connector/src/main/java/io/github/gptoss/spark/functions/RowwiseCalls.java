package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.executor.RowwiseCompleter;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

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
   * @param values as {@link FunctionCall#prompt} takes them
   */
  InternalRow complete(Object... values) {
    return completer.complete(call.prompt(new GenericInternalRow(values)), InternalRow::copy);
  }
}
